import { digest, integer, nullable, record, timeMs, Type, type Static } from '../base/schema.ts';
import type { Receipt } from '../chain/engine/engine.ts';
import type { Registry } from '../chain/machine/registry.ts';
import type { FoundEnvelope } from '../store/ledger-reader.ts';

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

export const receiptView = (registry: Registry, receipt: Receipt): ReceiptView => ({
  envelopeId: receipt.envelopeId,
  height: receipt.height,
  position: receipt.position,
  timeMs: receipt.timeMs,
  resultCode: receipt.resultCode,
  resultName:
    receipt.resultCode === 0
      ? 'OK'
      : (registry.results.get(receipt.resultCode)?.name ?? 'UNKNOWN_RESULT'),
  failedOperation: receipt.failedOperation,
  detail: receipt.detail,
  logIndex: receipt.logIndex,
  appHash: receipt.appHash,
});

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
