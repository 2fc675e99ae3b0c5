/** C11: the valuation that the price rests on, run again from its disclosed inputs. */
import { decodeCbor, type CborValue } from '../../base/cbor.ts';
import { commitment } from '../../base/hash.ts';
import { fromCbor } from '../../base/codec.ts';
import { methodOf, rerun } from '../../pricing/rerun.ts';
import type { Valuation } from '../../pricing/schema.ts';
import { valuationRecord } from '../../pricing/state.ts';
import { areRelated } from '../../identity/state.ts';
import { bytesOf, lastShown, recordBefore, type Evidence } from '../evidence.ts';
import type { Finding } from '../../proof/report.ts';
import { checkSteps } from '../steps.ts';
import { combine, missingTrades, tradesOf, type TradeView } from '../trades.ts';
import { cnyText, ratioText } from '../words.ts';
import { tradedListing } from './listing.ts';

export function judgeValuation(evidence: Evidence): Finding {
  const found = [...missingTrades(evidence), ...checkSteps(evidence, ['valuation'])];
  const findings = tradesOf(evidence).map((trade) =>
    trade.last.valuationId === null
      ? { problems: [], inapplicable: `${trade.id} names no valuation` }
      : judgeOne(evidence, trade),
  );
  const finding = combine(findings, 'there is no trade');
  return { ...finding, problems: [...found, ...finding.problems] };
}

function judgeOne(evidence: Evidence, trade: TradeView): Finding {
  const id = trade.last.valuationId ?? '';
  const reference = trade.agreed ?? trade.history.at(-1);
  const valuation = reference && recordBefore(evidence, valuationRecord, id, reference.logIndex);
  if (!valuation) return { problems: [`valuation ${id} is not here before the agreement`] };
  const found: string[] = [];
  const { subjectId, subjectRevision, state, appraiser, confirmations, holders } = valuation;
  const { listingId, listingRevision, seller, buyer } = trade.last;
  if (subjectId !== listingId || subjectRevision !== listingRevision) {
    found.push(`valuation ${id} is of another listing or revision`);
  }
  if (state !== 'CONFIRMED') found.push(`valuation ${id} was ${state} at the agreement`);
  const records = lastShown(evidence);
  if (appraiser === buyer || areRelated(records, appraiser, seller)) {
    found.push('the appraiser is a party, or of the seller’s house');
  }
  const others = confirmations.filter(({ organisationId }) =>
    [appraiser, seller].every((id) => !areRelated(records, organisationId, id)),
  );
  if (!others.some(({ resultFen }) => resultFen === valuation.resultFen)) {
    found.push('nobody else confirmed its result');
  }
  if (!confirmations.every(({ organisationId }) => holders.includes(organisationId))) {
    found.push('somebody confirmed it who does not have its inputs');
  }
  return openInputs(evidence, trade, valuation, found);
}

function openInputs(
  evidence: Evidence,
  trade: TradeView,
  valuation: Valuation,
  found: string[],
): Finding {
  const { dossier } = evidence;
  const { id, resultFen } = valuation;
  const opening = dossier.openings.valuations.find(({ valuationId }) => valuationId === id);
  if (!opening)
    return {
      problems: found,
      absent: `the inputs of valuation ${id} are not disclosed`,
      facts: statedFacts(trade, valuation),
    };
  const content = bytesOf(opening.content);
  if (commitment(bytesOf(opening.salt), content) !== valuation.inputsCommitment) {
    found.push(`the inputs of valuation ${id} do not open its commitment`);
  }
  const result = runAgain(decodeCbor(content), valuation);
  if (result !== resultFen) {
    found.push(`run again, valuation ${id} gives ${String(result)}, not ${resultFen} fen`);
  }
  return {
    problems: found,
    facts: [
      ...statedFacts(trade, valuation),
      `run again, the ${valuation.method} method gives ${cnyText(resultFen)}`,
      inputsFact(evidence, trade, content, valuation),
    ],
  };
}

/** Who valued and who ran it again, of this trade: another trade may name no valuation. */
const statedFacts = ({ id, last }: TradeView, valuation: Valuation): string[] => {
  const { appraiser, resultFen, confirmations } = valuation;
  const ratio = ratioText(last.priceFen, resultFen);
  return [
    `${id}: ${appraiser} valued it at ${cnyText(resultFen)}; the price is ${cnyText(last.priceFen)}` +
      (ratio === null ? '' : `, ${ratio} times that`),
    ...confirmations.map(
      (it) =>
        `${id}: ${it.organisationId} ran the method on the inputs and got ${cnyText(it.resultFen)}`,
    ),
  ];
};

/** The inputs are the appraiser's word: they stand beside what the listing states, compared by nobody. */
function inputsFact(
  evidence: Evidence,
  trade: TradeView,
  content: Uint8Array,
  valuation: Valuation,
): string {
  const [, , inputs] = decodeCbor(content) as readonly CborValue[];
  const known = methodOf(valuation.method, valuation.methodVersion);
  const read = known.ok && inputs !== undefined ? fromCbor(known.value.inputs, inputs) : {};
  const said = Object.entries(read as Record<string, unknown>)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');
  const quality = tradedListing(evidence, trade)?.quality;
  const stated = quality
    ? `the listing states completeness ${quality.completeness}, accuracy ${quality.accuracy} of 10000`
    : 'the listing is not here';
  return `the inputs are ${valuation.appraiser}’s word (${said}), compared with nothing; ${stated}`;
}

/** The result in fen, or what is wrong with the inputs. */
function runAgain(content: CborValue, valuation: Valuation): bigint | string {
  if (!isList(content) || content.length !== 3)
    return 'inputs that are not [method, version, inputs]';
  const [method, version, inputs] = content;
  if (method !== valuation.method || version !== BigInt(valuation.methodVersion)) {
    return 'inputs of another method';
  }
  const known = methodOf(valuation.method, valuation.methodVersion);
  if (!known.ok || inputs === undefined) return 'no result: the method is not known';
  const again = rerun(
    valuation.method,
    valuation.methodVersion,
    fromCbor(known.value.inputs, inputs),
  );
  return again.ok ? again.value : `no result: ${again.result.name}`;
}

const isList = (value: CborValue): value is readonly CborValue[] => Array.isArray(value);
