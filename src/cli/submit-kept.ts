/** Submits so that no kill, at any moment, leaves a person to sign twice what was to happen once. */
import { OperationalError } from '../base/operational-error.ts';
import type { NamedOperation } from '../client/commands.ts';
import type { ExchangeClient } from '../client/exchange-client.ts';
import type { KeptEnvelope } from '../client/journal/kept-envelope.ts';
import type { Party } from '../client/party.ts';
import type { SubmitOutcome } from '../client/submitter.ts';
import {
  endEarlier,
  keptText,
  takeSame,
  tellApplied,
  tellSame,
  type EarlierReceipt,
} from './earlier.ts';
import { describeError, exitCodeOf, exitCodes } from './exit.ts';
import type { Common } from './options.ts';
import { indented, print, printed, printJson, remark } from './output.ts';
import { receiptText } from './receipt.ts';
import { holdJournal, type HeldJournal } from './sent-folder.ts';
import { patienceMsOf } from './session.ts';
import { zoneOf } from './zone.ts';

export interface Submission {
  readonly common: Common;
  readonly client: ExchangeClient;
  readonly party: Party;
  readonly keyFile: string;
  readonly files: readonly string[];
  /** Of operations, one for each file. */
  readonly lists: readonly (readonly NamedOperation[])[];
}

/** Of one list: the receipt of now, or that of an earlier command that did the same. */
type Outcome = SubmitOutcome & { readonly earlier?: EarlierReceipt };

/**
 * Each envelope is kept from before it is sent until its end was printed. Before anything is signed,
 * what an earlier command left open is seen to its end.
 */
export async function submitKept(submission: Submission): Promise<void> {
  const { common, client, party, keyFile, files } = submission;
  const { keyId, publicKey } = party.signingKey;
  const signer = { chainId: await client.chainId(), keyId, publicKey };
  // Now, so that nothing stands between an answer and its being shown.
  const offsetMinutes = await zoneOf(client);
  const place = { config: common.config, keyFile, keyId };
  const held = await holdJournal(place, signer, common.patienceMs ?? patienceMsOf.signing);
  try {
    const left = await held.journal.left(signer);
    const outcomes = await outcomesOf(submission, held, left, offsetMinutes);
    const show = files.length === 1 ? showOne : showSeveral;
    show(submission, outcomes, { folder: held.folder, offsetMinutes });
    await printed();
    await held.journal.drop(
      outcomes.flatMap((outcome) => (outcome.ok ? [outcome.receipt.envelopeId] : [])),
    );
  } finally {
    await held.release();
  }
}

async function outcomesOf(
  { client, party, lists }: Submission,
  held: HeldJournal,
  left: readonly KeptEnvelope[],
  offsetMinutes: number,
): Promise<readonly Outcome[]> {
  const earlier = await endEarlier(client, held, left, offsetMinutes);
  const same = lists.map((operations) => takeSame(earlier, operations));
  tellApplied(earlier, offsetMinutes);
  await held.journal.drop(earlier.map(({ kept }) => kept.id));
  const fresh = lists.filter((_, at) => same[at] === null);
  const submitted = [...(await submitFresh(client, party, fresh, held))];
  return same.map((one): Outcome => {
    if (one) return { ok: true, receipt: one.receipt, earlier: one };
    return submitted.shift() ?? { ok: false, error: new Error('a list without an outcome') };
  });
}

async function submitFresh(
  client: ExchangeClient,
  party: Party,
  lists: readonly (readonly NamedOperation[])[],
  { journal }: HeldJournal,
): Promise<readonly SubmitOutcome[]> {
  const [only] = lists;
  if (only === undefined) return [];
  if (lists.length > 1) return client.submitMany(party, lists, journal);
  return client.submit(party, only, journal).then(
    (receipt) => [{ ok: true, receipt }],
    (error: unknown) => [{ ok: false, error: error as Error }],
  );
}

interface Shown {
  readonly folder: string;
  /** Of the zone of times, east of UTC. */
  readonly offsetMinutes: number;
}

/** Throws the error where it is none, so that the command ends with its exit code. */
function showOne(
  { common: { json }, lists }: Submission,
  [outcome]: readonly Outcome[],
  { folder, offsetMinutes }: Shown,
): void {
  if (outcome?.ok !== true) throw withKept(outcome?.error, folder);
  const { receipt, earlier } = outcome;
  if (json) printJson({ ...receipt, ...earlierMark(outcome) });
  else print(receiptText(receipt, offsetMinutes));
  if (earlier) tellSame(earlier, offsetMinutes);
  else remark(`Applied: ${(lists[0] ?? []).map(({ name }) => name).join(', ')}`);
}

/** Shows what became of each file; ends with the worst of their exit codes. */
function showSeveral(
  { common: { json }, files }: Submission,
  outcomes: readonly Outcome[],
  { folder, offsetMinutes }: Shown,
): void {
  for (const [at, outcome] of outcomes.entries()) {
    const file = files[at] ?? '';
    if (!outcome.ok) {
      const error = withKept(outcome.error, folder);
      if (json) printJson(refusalJson(file, error));
      else print(`${file}\n${indented(describeError(error, { json: false, debug: false }))}`);
      continue;
    }
    if (json) printJson({ file, receipt: outcome.receipt, ...earlierMark(outcome) });
    else print(`${file}\n${indented(receiptText(outcome.receipt, offsetMinutes))}`);
    if (outcome.earlier) tellSame(outcome.earlier, offsetMinutes);
  }
  const refused = outcomes.flatMap((outcome) => (outcome.ok ? [] : [exitCodeOf(outcome.error)]));
  remark(`Applied: ${outcomes.length - refused.length} of ${outcomes.length} envelopes`);
  process.exitCode = Math.max(exitCodes.ok, ...refused);
}

/** In JSON, of a receipt of an earlier command. */
const earlierMark = ({ earlier }: Outcome): object => (earlier ? { earlier: true } : {});

/** The error, with what is left to do where nobody knows what became of the envelope. */
function withKept(error: unknown, folder: string): Error {
  if (!(error instanceof OperationalError) || error.code !== 'SUBMISSION_UNKNOWN') {
    return error as Error;
  }
  return new OperationalError(error.code, `${error.message} ${keptText(folder)}`, { cause: error });
}

const refusalJson = (file: string, error: Error): unknown => ({
  file,
  ...(JSON.parse(describeError(error, { json: true, debug: false })) as object),
});
