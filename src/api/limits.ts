import { OperationalError } from '../base/operational-error.ts';
import { partBytes } from '../content/manifest.ts';

/**
 * What one node gives to those who ask it, all numbers. `DXL_LIMITS=name=value,…` sets any of them;
 * docs/operations.md lists them, which a test compares.
 */
export interface ApiLimits {
  /** From one network address; what costs more than a plain read counts for more. */
  readonly requestsPerMinute: number;
  /** Of health, readiness and metrics, from one network address: they have a bucket of their own. */
  readonly healthRequestsPerMinute: number;
  /** Of one network address, taken and not answered. */
  readonly requestsPerAddressMax: number;

  readonly connectionsMax: number;
  /** Of one network address that is no trusted proxy. */
  readonly connectionsPerAddressMax: number;
  readonly headerBytesMax: number;
  /** From the first byte of a connection, or of a request on it, to the end of the headers. */
  readonly headerMs: number;
  /** How long a connection without a request stays. */
  readonly keepAliveMs: number;

  /** In each window a body brings at least so much, or its end. */
  readonly bodyBytesPerSecondMin: number;
  readonly bodyWindowMs: number;
  /** The same of content of an organisation that has signed for it and has room reserved. */
  readonly uploadBytesPerSecondMin: number;
  readonly uploadWindowMs: number;
  /** Of one organisation at a time; what it sends beside them comes as fast as other bodies. */
  readonly slowUploadsPerOrganisationMax: number;
  /** In each window the client takes at least so much of an answer, or all that waits for it. */
  readonly answerBytesPerSecondMin: number;
  readonly answerWindowMs: number;

  /** The beginning of each body, which is held out of a share of its own. */
  readonly smallBodyBytes: number;
  /** Of the beginnings of all bodies in hand; of one address: a third of what is left free. */
  readonly smallBodyBytesMax: number;
  /** Of all that bodies in hand have beyond their beginnings; of one address: as above. */
  readonly bodyBytesMax: number;
  /** Of leaves and values in proof files and tiles that are being sent; of one address: as above. */
  readonly answerBytesMax: number;
  /** By which the refusal of a body is put off, once its address was refused 60 times in a minute. */
  readonly refusalDelayMs: number;
  readonly blobBytesMax: number;
  /** Content that one organisation keeps for all that is no open trade. */
  readonly organisationContentBytes: number;
  /** Content that one party keeps for one open trade. */
  readonly tradeContentBytes: number;
  /** Of the disk, for all else: content that would leave less is refused. */
  readonly diskReserveBytes: number;
  /** Content that was announced or begun and has not come to its end is forgotten after this time. */
  readonly uploadKeepMs: number;

  /** How long a submission waits for its block. */
  readonly submitWaitMs: number;
  /** How long a read with ?minHeight= waits for the read model. */
  readonly heightWaitMs: number;

  /** From a read request to the beginning of its answer; above the two waits before. */
  readonly answerMsMax: number;

  /** Of the thread, in each second: for proof files, and as much for event streams that are behind. */
  readonly longWorkMsPerSecond: number;

  readonly eventStreamsMax: number;
  readonly eventStreamsPerAddressMax: number;
  /** Of events that are kept for streams that are a little behind. */
  readonly eventRingBytesMax: number;
  /** Of pages of the log that are kept for streams that are far behind. */
  readonly eventPagesBytesMax: number;
  readonly heartbeatMs: number;

  /** A request’s signature is taken up to this age. */
  readonly signatureAgeMaxMs: number;
  /** By how much a client’s clock may be ahead. */
  readonly clockSkewMaxMs: number;
  /** How long the answer to an Idempotency-Key is kept. */
  readonly idempotencyKeepMs: number;
}

const mebibyte = 1024 * 1024;

export const defaultLimits: ApiLimits = Object.freeze({
  requestsPerMinute: 60_000,
  healthRequestsPerMinute: 1_200,
  requestsPerAddressMax: 1_000,
  connectionsMax: 2_000,
  connectionsPerAddressMax: 500,
  headerBytesMax: 16 * 1024,
  headerMs: 10_000,
  keepAliveMs: 10_000,
  bodyBytesPerSecondMin: 16 * 1024,
  bodyWindowMs: 5_000,
  uploadBytesPerSecondMin: 512,
  uploadWindowMs: 60_000,
  slowUploadsPerOrganisationMax: 16,
  answerBytesPerSecondMin: 16 * 1024,
  answerWindowMs: 10_000,
  smallBodyBytes: 64 * 1024,
  smallBodyBytesMax: 16 * mebibyte,
  bodyBytesMax: 48 * mebibyte,
  answerBytesMax: 64 * mebibyte,
  refusalDelayMs: 5_000,
  blobBytesMax: 4 * partBytes,
  organisationContentBytes: 1024 * mebibyte,
  tradeContentBytes: 200 * 1024 * mebibyte,
  diskReserveBytes: 1024 * mebibyte,
  uploadKeepMs: 24 * 3_600_000,
  submitWaitMs: 30_000,
  heightWaitMs: 10_000,
  answerMsMax: 60_000,
  longWorkMsPerSecond: 100,
  eventStreamsMax: 200,
  eventStreamsPerAddressMax: 16,
  eventRingBytesMax: 4 * mebibyte,
  eventPagesBytesMax: 4 * mebibyte,
  heartbeatMs: 15_000,
  signatureAgeMaxMs: 300_000,
  clockSkewMaxMs: 30_000,
  idempotencyKeepMs: 24 * 3_600_000,
});

/**
 * The defaults with some changed. Throws OperationalError CONFIG_INVALID naming what there is not, or what
 * does not fit together.
 */
export function limitsWith(changes: ReadonlyMap<string, number>): ApiLimits {
  for (const name of changes.keys()) {
    if (Object.hasOwn(defaultLimits, name)) continue;
    const known = Object.keys(defaultLimits).join(', ');
    throw new OperationalError(
      'CONFIG_INVALID',
      `DXL_LIMITS names ${name}, which is no limit; there are ${known}.`,
    );
  }
  const limits = { ...defaultLimits, ...Object.fromEntries(changes) };
  for (const wait of ['submitWaitMs', 'heightWaitMs'] as const) {
    if (limits.answerMsMax > limits[wait]) continue;
    throw new OperationalError(
      'CONFIG_INVALID',
      `DXL_LIMITS makes answerMsMax ${limits.answerMsMax} and ${wait} ${limits[wait]}: an answer that may ` +
        `wait so long would be given up before it is there. Make answerMsMax longer, for example ` +
        `DXL_LIMITS=${wait}=${limits[wait]},answerMsMax=${2 * limits[wait]}.`,
    );
  }
  if (limits.longWorkMsPerSecond >= 1_000) {
    throw new OperationalError(
      'CONFIG_INVALID',
      `DXL_LIMITS makes longWorkMsPerSecond ${limits.longWorkMsPerSecond}, all of the thread or more: nothing ` +
        'would be left for blocks. Make it less than 1000, for example 100.',
    );
  }
  return Object.freeze(limits);
}
