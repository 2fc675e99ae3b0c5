import { withMoments } from '../base/moment-text.ts';
import { digest, integer, nullable, record, timeMs, Type, type Static } from '../base/schema.ts';
import type { Receipt } from '../chain/engine/engine.ts';
import type { FoundEnvelope } from '../store/ledger-reader.ts';
import type { ApiParts } from './parts.ts';

export const positionMax = Number.MAX_SAFE_INTEGER;

export const receiptSchema = record(
  {
    envelopeId: digest('SHA-256 of the envelope’s bytes: the transaction’s id'),
    height: integer(1, positionMax),
    position: integer(0, positionMax, 'Place in its block'),
    timeMs: timeMs(),
    resultCode: integer(0, 9999, '0: every operation was applied'),
    resultName: Type.String({ description: 'OK, or the name of the result code' }),
    failedOperation: nullable(integer(0, 1024, 'Index of the operation that was refused')),
    detail: Type.String({ description: 'For people; not part of what the chain commits to' }),
    logIndex: integer(0, positionMax, 'Of the receipt’s leaf; its events follow it'),
    appHash: digest(),
  },
  'Receipt',
);
export type ReceiptView = Static<typeof receiptSchema>;

/** What it takes to show people what a ledger's machine said. */
export type Shown = Pick<ApiParts, 'registry' | 'genesis'>;

export const receiptView = (shown: Shown, receipt: Receipt): ReceiptView => ({
  envelopeId: receipt.envelopeId,
  height: receipt.height,
  position: receipt.position,
  timeMs: receipt.timeMs,
  resultCode: receipt.resultCode,
  resultName:
    receipt.resultCode === 0
      ? 'OK'
      : (shown.registry.results.get(receipt.resultCode)?.name ?? 'UNKNOWN_RESULT'),
  failedOperation: receipt.failedOperation,
  detail: detailView(shown, receipt.detail),
  logIndex: receipt.logIndex,
  appHash: receipt.appHash,
});

/** A refusal's words, with moments in the exchange's zone. */
export const detailView = ({ genesis }: Pick<Shown, 'genesis'>, detail: string): string =>
  withMoments(detail, genesis.rules.calendar.offsetMinutes);

export const receiptOf = ({ height, timeMs, appHash, envelope }: FoundEnvelope): Receipt => ({
  envelopeId: envelope.id,
  height,
  position: envelope.position,
  timeMs,
  resultCode: envelope.resultCode,
  failedOperation: envelope.failedOperation,
  detail: envelope.detail,
  logIndex: envelope.logIndex,
  appHash,
});
