/** What src/client/signed-twice.ts says of each operation, tried at every step of the kept chain. */
import { expect } from 'chai';
import { Machine } from '../../src/chain/machine/machine.ts';
import { exchangeParts, registry } from '../../src/chain/rooms.ts';
import { signEnvelope } from '../../src/chain/tx/envelope.ts';
import { envelopeOperation } from '../../src/client/commands.ts';
import { signedTwice } from '../../src/client/signed-twice.ts';
import { readGolden } from '../simulation/golden.ts';
import { realVerifier } from '../simulation/real-proof.ts';
import { readSteps, type Step } from './golden-steps.ts';

/** What brings a record back, where the kept chain itself does not do so after the other. */
const bringsBack = new Map([
  ['identity.reinstate', 'identity.suspend'],
  ['rights.resubmit', 'rights.return-for-fix'],
  ['licence.resume', 'licence.suspend'],
  ['trading.resume-delivery', 'trading.suspend-delivery'],
]);

const nameOf = ({ operations: [only, ...others] }: Step): string | null =>
  only && others.length === 0 ? only.name : null;

/** The record that a command is about is named by its first field. */
const recordOf = ({ operations: [only] }: Step): unknown => Object.values(only?.command ?? {})[0];

describe('an operation that is signed a second time', function () {
  this.timeout(300_000);
  /** By operation: what became of it, again and again on its way. */
  const seen = new Map<string, Set<string>>();
  let machine: Machine;

  before(async () => {
    const { genesis } = await readGolden();
    machine = new Machine(genesis, { ...exchangeParts, verifyProof: await realVerifier() });
    machine.initChain();
    let timeMs = genesis.timeMs;
    const ahead = new Map<string, number>();
    const envelopeOf = ({ party: { signingKey }, operations }: Step): Uint8Array => {
      const used = ahead.get(signingKey.keyId) ?? 0;
      ahead.set(signingKey.keyId, used + 1);
      return signEnvelope(genesis.chainId, signingKey, {
        sequence: machine.nextSequence(signingKey.keyId) + used,
        expiryHeight: machine.info().height + 50,
        operations: operations.map(envelopeOperation),
      });
    };
    const blockOf = (steps: readonly Step[]) => {
      ahead.clear();
      const envelopes = steps.map(envelopeOf);
      return machine.finalizeBlock({ height: machine.info().height + 1, timeMs, envelopes });
    };
    /** What the last of them would come to in the next block. */
    const tried = (...steps: readonly Step[]): string => {
      const { results } = blockOf(steps);
      machine.abandon();
      const outcome = results.at(-1)?.outcome;
      return outcome?.ok === false ? outcome.result.name : outcome ? 'APPLIED' : 'LEFT OUT';
    };
    const note = (name: string, outcome: string): void => {
      seen.set(name, (seen.get(name) ?? new Set()).add(outcome));
    };

    const before: Step[] = [];
    const firsts = new Map<string, Step>();
    for (const step of await readSteps()) {
      timeMs = Math.max(timeMs, step.timeMs);
      const { results } = blockOf([step]);
      const refused = results.flatMap(({ outcome }) => (outcome.ok ? [] : [outcome.result.name]));
      expect(refused, nameOf(step) ?? '').to.deep.equal([]);
      machine.commit();
      before.push(step);
      const name = nameOf(step);
      if (name === null) continue;
      note(name, tried(step));
      if (!firsts.has(name)) firsts.set(name, step);
      for (const [other, first] of firsts) note(other, tried(first));
      const back = before.findLast(
        (one) => nameOf(one) === bringsBack.get(name) && recordOf(one) === recordOf(step),
      );
      if (back) note(name, tried(back, step));
    }
  });

  it('has its row, each of the registry and no other', () => {
    expect(Object.keys(signedTwice).sort()).to.deep.equal(
      [...registry.operationsByName.keys()].sort(),
    );
    expect([...seen.keys()].sort()).to.deep.equal(Object.keys(signedTwice).sort());
  });

  for (const [name, kind] of Object.entries(signedTwice)) {
    const claim = kind === 'again' ? 'takes effect again' : 'is refused from then on';
    it(`${name} ${claim}`, () => {
      const outcomes = seen.get(name) ?? new Set();
      expect(outcomes).to.not.include('LEFT OUT');
      expect(outcomes.has('APPLIED'), [...outcomes].join()).to.equal(kind === 'again');
      expect(outcomes.size).to.be.greaterThan(0);
    });
  }
});
