/** What an earlier command signed and did not tell the end of: seen to its end before anything else. */
import { toHex } from '../base/bytes.ts';
import { encodeCbor } from '../base/cbor.ts';
import { momentText } from '../base/moment-text.ts';
import { OperationalError } from '../base/operational-error.ts';
import { envelopeOperation, type NamedOperation } from '../client/commands.ts';
import type { ExchangeClient } from '../client/exchange-client.ts';
import { operationNames, type KeptEnvelope } from '../client/journal/kept-envelope.ts';
import { ProblemError } from '../client/problem-error.ts';
import type { Receipt } from '../client/views.ts';
import { indented, remark } from './output.ts';
import { receiptText } from './receipt.ts';
import type { HeldJournal } from './sent-folder.ts';

/** Applied, though nobody was told. */
export interface EarlierReceipt {
  readonly kept: KeptEnvelope;
  readonly receipt: Receipt;
}

/**
 * Those of `kept` that were applied, in order. Tells of those that had no effect, and drops them.
 * Throws OperationalError SUBMISSION_UNKNOWN where the end of any is still unknown: all stay kept.
 * @param offsetMinutes of the zone of times, east of UTC
 */
export async function endEarlier(
  client: ExchangeClient,
  { journal, folder }: Pick<HeldJournal, 'journal' | 'folder'>,
  kept: readonly KeptEnvelope[],
  offsetMinutes: number,
): Promise<EarlierReceipt[]> {
  if (kept.length === 0) return [];
  const outcomes = await client.seeToEnd(kept);
  const applied: EarlierReceipt[] = [];
  const refused: { kept: KeptEnvelope; error: ProblemError }[] = [];
  for (const [at, envelope] of kept.entries()) {
    const outcome = outcomes[at];
    if (outcome?.ok === true) applied.push({ kept: envelope, receipt: outcome.receipt });
    else if (outcome?.error instanceof ProblemError) {
      refused.push({ kept: envelope, error: outcome.error });
    } else throw stillOpen(envelope, folder, outcome?.error);
  }
  for (const { kept: envelope, error } of refused) {
    const words = `had no effect: ${error.message}`;
    remark(`${earlierText(envelope, offsetMinutes)} ${words}`);
  }
  await journal.drop(refused.map(({ kept: { id } }) => id));
  return applied;
}

/** Takes out of the list, and returns, what an earlier command did with these very operations. */
export function takeSame(
  earlier: EarlierReceipt[],
  operations: readonly NamedOperation[],
): EarlierReceipt | null {
  const wanted = operations
    .map(envelopeOperation)
    .map(({ number, command }) => `${number} ${toHex(encodeCbor(command))}`)
    .join();
  const at = earlier.findIndex(({ kept }) => wordsOf(kept) === wanted);
  return at === -1 ? null : (earlier.splice(at, 1)[0] ?? null);
}

const wordsOf = ({ operations }: KeptEnvelope): string =>
  operations.map(({ number, commandBytes }) => `${number} ${toHex(commandBytes)}`).join();

/** Of those that are not what is asked for now. */
export function tellApplied(earlier: readonly EarlierReceipt[], offsetMinutes: number): void {
  for (const { kept, receipt } of earlier) {
    const text = indented(receiptText(receipt, offsetMinutes)).trimEnd();
    remark(`${earlierText(kept, offsetMinutes)} was applied:\n${text}`);
  }
}

/** Of what is asked for now and was done already. */
export const tellSame = ({ kept }: EarlierReceipt, offsetMinutes: number): void =>
  remark(
    `${earlierText(kept, offsetMinutes)} is the same command, and was applied: this is its ` +
      'receipt. Nothing was signed again. To do it once more, run the command once more.',
  );

const earlierText = (kept: KeptEnvelope, offsetMinutes: number): string =>
  `An earlier ${operationNames(kept)}, signed at ` +
  `${momentText(Math.floor(kept.keptAtMs), offsetMinutes)} and not told of since,`;

const stillOpen = (kept: KeptEnvelope, folder: string, cause: unknown): OperationalError =>
  new OperationalError(
    'SUBMISSION_UNKNOWN',
    `What became of an earlier ${operationNames(kept)} (envelope ${kept.id}) is not known yet: ` +
      `${cause instanceof Error ? cause.message : 'no answer'} Nothing else was signed. ` +
      keptText(folder),
    { cause },
  );

/** What is left to a person who does not know what became of an envelope. */
export const keptText = (folder: string): string =>
  `It is kept in ${folder}: the next \`dxl submit\` with this key sends the same bytes first and ` +
  'shows what became of them. To look, or to give it up: dxl sent --key FILE --give-up';
