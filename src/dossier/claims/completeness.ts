/** C17: all that is told is here, and all that is here is told. */
import { commitment } from '../../base/hash.ts';
import { tradedListing } from './listing.ts';
import { bytesOf, type Evidence } from '../evidence.ts';
import { linksOf, type Links } from '../links.ts';
import { nameOf, reachOf, type RecordName } from '../reach.ts';
import type { Finding } from '../../proof/report.ts';
import { missingTrades, tradesOf } from '../trades.ts';

export function judgeCompleteness(evidence: Evidence): Finding {
  const reached = reachOf(evidence);
  const links = linksOf(evidence, reached);
  return {
    problems: [
      ...missingTrades(evidence),
      ...repeated(evidence.dossier.trades, 'trade'),
      ...findMissing(evidence, reached),
      ...links.problems,
      ...findLoose(evidence, reached),
      ...checkKeys(evidence),
      ...checkOpenings(evidence, reached),
    ],
    facts: [`${evidence.events.length} events of ${reached.size} records`, ...linkFacts(links)],
  };
}

const namesMax = 6;

function linkFacts({ whole, unnumbered }: Links): string[] {
  const named = unnumbered.slice(0, namesMax).join(', ');
  const more = unnumbered.length > namesMax ? ` and ${unnumbered.length - namesMax} more` : '';
  return [
    ...(whole.length === 0
      ? []
      : [`of ${whole.length} records every event is here, by their numbers`]),
    ...(unnumbered.length === 0
      ? []
      : [
          `of ${unnumbered.length} records from before machine version 2 no number shows whether ` +
            `steps that led back were left out: ${named}${more}`,
        ]),
  ];
}

const repeated = (names: readonly string[], what: string): string[] =>
  [...new Set(names.filter((name, index) => names.indexOf(name) !== index))].map(
    (name) => `${what} ${name} stands here twice`,
  );

function findMissing({ events }: Evidence, reached: ReadonlySet<RecordName>): string[] {
  const here = new Set(events.map(nameOf));
  return [...reached]
    .filter((name) => !here.has(name) && !name.startsWith('trade/'))
    .map((name) => `${name} is named and not here`);
}

/** An event is of a record that belongs here, or of a step that changed one. */
function findLoose(evidence: Evidence, reached: ReadonlySet<RecordName>): string[] {
  const { events, receipts, envelopes } = evidence;
  const used = new Set(
    events
      .filter((event) => reached.has(nameOf(event)))
      .flatMap(({ leaf }) => (leaf.envelopeId === null ? [] : [leaf.envelopeId])),
  );
  const loose = events
    .filter((event) => !reached.has(nameOf(event)) && !used.has(event.leaf.envelopeId ?? ''))
    .map((event) => `leaf ${event.logIndex} (${nameOf(event)}) belongs to nothing here`);
  const idle = [...envelopes.keys()]
    .filter((id) => !used.has(id))
    .map((id) => `envelope ${id.slice(0, 12)} belongs to nothing here`);
  const unmatched = [...receipts.values()]
    .filter(({ leaf }) => !envelopes.has(leaf.envelopeId))
    .map(({ logIndex }) => `leaf ${logIndex} is the receipt of an envelope that is not here`);
  return [...loose, ...idle, ...unmatched];
}

function checkKeys(evidence: Evidence): string[] {
  const named = evidence.dossier.verificationKeys.map(({ circuitId }) => circuitId);
  const circuits = tradesOf(evidence).map(
    (trade) => tradedListing(evidence, trade)?.sample.circuitId,
  );
  return [
    ...repeated(named, 'verification key'),
    ...named
      .filter((id) => !circuits.includes(id))
      .map((id) => `verification key ${id} belongs to nothing here`),
  ];
}

function checkOpenings(evidence: Evidence, reached: ReadonlySet<RecordName>): string[] {
  const { valuations, computations, contents } = evidence.dossier.openings;
  const names = [
    ...valuations.map(({ valuationId }) => `valuation/${valuationId}`),
    ...computations.map(({ jobId }) => `job/${jobId}`),
  ];
  const records = JSON.stringify(
    evidence.events.map(({ record }) => record),
    (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
  );
  const commitments = contents.map((content) => content.commitment);
  return [
    ...repeated([...names, ...commitments], 'opening'),
    ...names
      .filter((name) => !reached.has(name))
      .map((name) => `the opening of ${name} belongs to nothing here`),
    ...contents.flatMap(({ commitment: committed, content, salt }) => {
      if (!records.includes(`"${committed}"`)) return [`no record holds commitment ${committed}`];
      return commitment(bytesOf(salt), bytesOf(content)) === committed
        ? []
        : [`the content for commitment ${committed} does not open it`];
    }),
  ];
}
