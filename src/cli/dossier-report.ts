/** The report on a dossier for people: what became of the trades first, the claims after. */
import type { DossierReport } from '../dossier/report.ts';
import { fields, printable, table } from './output.ts';
import { reportText } from './report-text.ts';

export function dossierReportText(report: DossierReport): string {
  const { trades, counts, ends, outcome, concerns } = report;
  const said = ends.map(({ tradeId, headline }) => `\n${printable(`${tradeId}: ${headline}`)}`);
  const count = concerns.length === 1 ? '1 warning' : `${concerns.length} warnings`;
  const more = concerns.length === 0 ? '' : `, with ${count} about the trades`;
  // What a reader must not miss stands at the head, before the claims.
  return reportText(
    { ...report, warnings: [] },
    {
      lead: leadText(report),
      facts: {
        trades: trades.join(', '),
        leaves: counts.leaves,
        envelopes: counts.envelopes,
        bytes: counts.bytes,
      },
      notShown: 'What no dossier shows',
      ending: `The dossier ${outcome}${more}`,
      after: said.length === 0 ? '' : `${said.join('').trimStart()}\n`,
    },
  );
}

function leadText(report: DossierReport): string {
  const { outcome, ends, present, actors } = report;
  if (ends.length === 0) return warningLines(report);
  const refusal =
    outcome === 'FAILS' ? 'THE FILE FAILS: do not rely on anything that is said below.\n\n' : '';
  return [
    refusal,
    ...ends.map(
      ({ tradeId, headline, lines }) =>
        `Trade ${printable(tradeId)}: ${printable(headline)}\n` +
        lines.map((line) => `  ${printable(line)}\n`).join(''),
    ),
    `\n${countText(report)}\n`,
    warningLines(report),
    `\n${presentTitle(report)}:\n`,
    table(
      present.rows.map(({ kind, state, ids, isBad }) => [
        isBad ? ' !' : '  ',
        kind,
        state,
        printable(ids.map(shortened).join(', ')),
      ]),
    ),
    '\nWho acted, and as what:\n',
    fields(
      Object.fromEntries(
        actors.map(({ organisationId, capacities, owner }) => [
          `  ${printable(organisationId)}`,
          `${capacities.join(', ')}; owner ${owner === null ? 'not stated' : `“${owner}”`}`,
        ]),
      ),
    ),
    '\n',
  ].join('');
}

const warningLines = ({ concerns, warnings }: DossierReport): string =>
  [...concerns, ...warnings].map((line) => `Warning: ${printable(line)}\n`).join('');

/** `Of 19 claims 16 hold; failing: none; not shown: 2 (C10, C14); not applying: 1 (C16).` */
function countText({ claims }: DossierReport): string {
  const having = (wanted: string): string[] =>
    claims.filter(({ outcome }) => outcome === wanted).map(({ id }) => id);
  const [failed, open, outside] = ['FAILS', 'NOT SHOWN', 'DOES NOT APPLY'].map(having);
  const told = (ids: readonly string[] = []): string =>
    ids.length === 0 ? 'none' : `${ids.length} (${ids.join(', ')})`;
  return (
    `Of ${claims.length} claims ${having('HOLDS').length} hold; failing: ${told(failed)}; ` +
    `not shown: ${told(open)}; not applying: ${told(outside)}.`
  );
}

const presentTitle = ({
  present,
  checkpoint,
}: Pick<DossierReport, 'present' | 'checkpoint'>): string =>
  present.areNewest && checkpoint
    ? `As of the checkpoint (height ${checkpoint.height}, ${checkpoint.time}), each record is`
    : 'As last shown here (what came later can have been left out), each record is';

/** Ids of keys and credit codes are digests. */
const shortened = (id: string): string => (/^[0-9a-f]{64}$/.test(id) ? `${id.slice(0, 12)}…` : id);
