import { expect } from 'chai';
import { pricingResults } from '../../src/pricing/results.ts';
import { pricingRoom } from '../../src/pricing/room.ts';
import { confirmValuation } from '../../src/pricing/confirm-valuation.ts';
import { inputsCommitment, methods, parseInputs, rerun } from '../../src/pricing/rerun.ts';
import { valuationStates, type ValuationState } from '../../src/pricing/schema.ts';
import { valuationRecord } from '../../src/pricing/state.ts';
import { submitValuation } from '../../src/pricing/submit-valuation.ts';
import { valuationTransitions, type ValuationVerb } from '../../src/pricing/transitions.ts';
import { withdrawValuation } from '../../src/pricing/withdraw-valuation.ts';
import { memoryLedger } from '../support/ledger.ts';

const inputs = {
  totalCostFen: 120_000_000n,
  returnRate: '0.2',
  quality: '0.9',
  circulation: '0.8',
  monopoly: '0.1',
  risk: '0.15',
};
const salt = new Uint8Array(32).fill(7);
const valuationId = 'valuation-1';
const resultFen = 96_940_800n;

function begin() {
  const ledger = memoryLedger({ rooms: [pricingRoom] });
  const appraiser = ledger.admit('appraiser', ['APPRAISER']);
  const buyer = ledger.admit('buyer', ['BUYER']);
  const commitment = inputsCommitment(salt, 'COST', 1, inputs);
  if (!commitment.ok) throw new Error(commitment.detail);
  const submission = {
    valuationId,
    subjectId: 'listing-1',
    subjectRevision: 1,
    method: 'COST' as const,
    methodVersion: 1,
    inputsCommitment: commitment.value,
    resultFen,
    holders: ['buyer', 'other'],
  };
  return { ledger, appraiser, buyer, submission };
}

function submitted() {
  const all = begin();
  all.ledger.accept(submitValuation, all.appraiser, all.submission);
  return all;
}

describe('a valuation', () => {
  it('is confirmed by another party that gets the same result', () => {
    const { ledger, buyer } = submitted();
    ledger.accept(confirmValuation, buyer, { valuationId, resultFen });
    const valuation = ledger.get(valuationRecord, valuationId);
    expect(valuation.state).to.equal('CONFIRMED');
    expect(valuation.confirmations.map(({ organisationId }) => organisationId)).to.deep.equal([
      'buyer',
    ]);
  });

  it('is contested by another result, and both stay on record', () => {
    const { ledger, buyer } = submitted();
    const other = ledger.admit('other', ['REVIEWER']);
    ledger.accept(confirmValuation, buyer, { valuationId, resultFen });
    ledger.accept(confirmValuation, other, { valuationId, resultFen: 1n });
    const valuation = ledger.get(valuationRecord, valuationId);
    expect(valuation.state).to.equal('CONTESTED');
    expect(valuation.resultFen).to.equal(resultFen);
    expect(valuation.confirmations.map((each) => each.resultFen)).to.deep.equal([resultFen, 1n]);
  });

  it('is not confirmed by its appraiser, nor twice by one organisation', () => {
    const { ledger, appraiser, buyer } = submitted();
    const command = { valuationId, resultFen };
    ledger.refuse(pricingResults.PRICING_OWN_VALUATION, confirmValuation, appraiser, command);
    ledger.accept(confirmValuation, buyer, command);
    ledger.refuse(pricingResults.PRICING_ALREADY_CONFIRMED, confirmValuation, buyer, command);
  });

  it('is neither confirmed nor contested by who was not given the inputs', () => {
    const { ledger, buyer } = submitted();
    const stranger = ledger.admit('stranger', ['SELLER', 'APPRAISER']);
    for (const claimed of [resultFen, 1n]) {
      const command = { valuationId, resultFen: claimed };
      ledger.refuse(pricingResults.PRICING_NOT_HOLDER, confirmValuation, stranger, command);
    }
    ledger.accept(confirmValuation, buyer, { valuationId, resultFen });
  });

  it('names up to sixteen who have the inputs, each once, and never its appraiser', () => {
    const { ledger, appraiser, submission } = begin();
    const unfit = pricingResults.PRICING_HOLDERS_UNFIT;
    for (const holders of [
      ['buyer', 'buyer'],
      ['buyer', 'appraiser'],
    ]) {
      ledger.refuse(unfit, submitValuation, appraiser, { ...submission, holders });
    }
    const parties = (count: number) => Array.from({ length: count }, (_, at) => `party-${at}`);
    for (const holders of [parties(0), parties(17)]) {
      const command = { ...submission, holders };
      expect(() => ledger.apply(submitValuation, appraiser, command)).to.throw('/holders');
    }
    ledger.accept(submitValuation, appraiser, { ...submission, holders: parties(16) });
    for (const id of parties(16)) {
      ledger.accept(confirmValuation, ledger.admit(id, ['BUYER']), { valuationId, resultFen });
    }
    expect(ledger.get(valuationRecord, valuationId).confirmations).to.have.length(16);
  });

  it('is withdrawn by its appraiser alone', () => {
    const { ledger, appraiser } = submitted();
    const command = { valuationId, reason: 'Wrong period' };
    const other = ledger.admit('other-appraiser', ['APPRAISER']);
    ledger.refuse(pricingResults.PRICING_NOT_PARTY, withdrawValuation, other, command);
    ledger.accept(withdrawValuation, appraiser, command);
    expect(ledger.get(valuationRecord, valuationId).withdrawalReason).to.equal('Wrong period');
  });

  it('is refused under a used id, an unknown method or an unknown id', () => {
    const { ledger, appraiser, buyer, submission } = submitted();
    ledger.refuse(pricingResults.PRICING_VALUATION_EXISTS, submitValuation, appraiser, submission);
    ledger.refuse(pricingResults.PRICING_METHOD_UNKNOWN, submitValuation, appraiser, {
      ...submission,
      valuationId: 'valuation-2',
      methodVersion: 2,
    });
    const unknown = { valuationId: 'nowhere' };
    const missing = pricingResults.PRICING_VALUATION_NOT_FOUND;
    ledger.refuse(missing, confirmValuation, buyer, { ...unknown, resultFen });
    ledger.refuse(missing, withdrawValuation, appraiser, { ...unknown, reason: 'none' });
  });
});

describe('every state of a valuation by every verb', () => {
  const run: Record<ValuationVerb, (all: ReturnType<typeof submitted>) => [string, string]> = {
    agree: ({ ledger, buyer }) =>
      outcomeOf(ledger.apply(confirmValuation, buyer, { valuationId, resultFen }), ledger),
    contest: ({ ledger, buyer }) =>
      outcomeOf(ledger.apply(confirmValuation, buyer, { valuationId, resultFen: 1n }), ledger),
    withdraw: ({ ledger, appraiser }) =>
      outcomeOf(ledger.apply(withdrawValuation, appraiser, { valuationId, reason: 'r' }), ledger),
  };
  for (const state of valuationStates) {
    for (const verb of Object.keys(run) as ValuationVerb[]) {
      const next: ValuationState | undefined = valuationTransitions[state][verb];
      it(`${state} by ${verb}: ${next ?? 'refused'}`, () => {
        const all = submitted();
        all.ledger.put(valuationRecord, { ...all.ledger.get(valuationRecord, valuationId), state });
        const expected = next ? ['ok', next] : ['PRICING_STATE', state];
        expect(run[verb](all)).to.deep.equal(expected);
      });
    }
  }
});

type Ledger = ReturnType<typeof memoryLedger>;

function outcomeOf(outcome: ReturnType<Ledger['apply']>, ledger: Ledger): [string, string] {
  const { state } = ledger.get(valuationRecord, valuationId);
  return [outcome.ok ? 'ok' : outcome.result.name, state];
}

describe('running a valuation again', () => {
  it('gives the same fen from typed and from JSON inputs', () => {
    const parsed = parseInputs('COST', 1, { ...inputs, totalCostFen: '120000000' });
    expect(parsed).to.deep.equal({ ok: true, value: inputs });
    expect(rerun('COST', 1, inputs)).to.deep.equal({ ok: true, value: resultFen });
  });

  const refused: [string, unknown, string][] = [
    ['a long decimal form', { ...inputs, quality: '0.90' }, 'PRICING_INPUTS_INVALID'],
    ['a negative rate', { ...inputs, returnRate: '-0.1' }, 'PRICING_INPUTS_INVALID'],
    ['a risk above one', { ...inputs, risk: '1.5' }, 'PRICING_INPUTS_INVALID'],
    ['an unknown field', { ...inputs, luck: '1' }, 'PRICING_INPUTS_INVALID'],
    ['no inputs', null, 'PRICING_INPUTS_INVALID'],
    ['a number for text', { ...inputs, quality: 1 }, 'PRICING_INPUTS_INVALID'],
    ['too much', { ...inputs, circulation: '999999999999999' }, 'PRICING_RESULT_RANGE'],
  ];
  for (const [what, wrong, code] of refused) {
    it(`refuses ${what}`, () => {
      const found = rerun('COST', 1, wrong);
      expect(found.ok ? 'accepted' : found.result.name).to.equal(code);
    });
  }

  it('refuses a method or version that it does not know', () => {
    for (const found of [rerun('GUESS', 1, inputs), parseInputs('COST', 2, {})]) {
      expect(found.ok ? 'accepted' : found.result.name).to.equal('PRICING_METHOD_UNKNOWN');
    }
  });

  it('knows each method and version once', () => {
    const names = methods.map(({ method, version }) => `${method}/${version}`);
    expect(new Set(names).size).to.equal(names.length);
  });

  it('commits to method, inputs and salt', () => {
    const commit = (with32: Uint8Array, changed: object) => {
      const found = inputsCommitment(with32, 'COST', 1, { ...inputs, ...changed });
      return found.ok ? found.value : found.result.name;
    };
    const all = [commit(salt, {}), commit(new Uint8Array(32), {}), commit(salt, { risk: '0.1' })];
    expect(new Set(all).size).to.equal(3);
    expect(commit(salt, {})).to.equal(all[0]);
    expect(commit(salt, { risk: '2' })).to.equal('PRICING_INPUTS_INVALID');
  });
});
