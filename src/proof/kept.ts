/** A checkpoint that somebody kept, and whether what he is shown now goes on from it. */
import { equalBytes, fromHex } from '../base/bytes.ts';
import { readFileJson, taken } from '../base/file-text.ts';
import { verifyConsistency } from '../base/merkle.ts';
import { headerHash, noSigner, type Header } from '../chain/machine/header.ts';
import {
  appHashFaults,
  readHeader,
  signatureFaults,
  type HeaderRead,
  type SignedHeader,
} from './checkpoint.ts';
import { bytesOf, parseProofFile, ProofFormatError } from './file.ts';
import { failing, notShown, type Finding } from './report.ts';
import { proofFileSchemas } from './schema.ts';
import type { Genesis } from '../chain/machine/genesis.ts';

/** An earlier log of the file, proved to be the beginning of its checkpoint's. */
export interface EarlierLog {
  readonly signed: SignedHeader;
  readonly hashes: readonly Uint8Array[];
}

/**
 * The checkpoint of a proof file, or of the answer of `GET /v1/checkpoint`. It is the reader's own:
 * nothing of it is verified. Throws ProofFormatError.
 */
export function readKeptCheckpoint(bytes: Uint8Array): HeaderRead {
  try {
    const json = taken(readFileJson(bytes), (problem) => new Error(`it ${problem}`)) as {
      readonly format?: unknown;
      readonly headerBytes?: unknown;
    };
    const { format, headerBytes } = json;
    if (typeof format === 'string' && Object.hasOwn(proofFileSchemas, format)) {
      return readHeader(bytesOf(parseProofFile(bytes).checkpoint.header));
    }
    if (typeof headerBytes === 'string') return readHeader(bytesOf(headerBytes));
  } catch (cause) {
    throw new ProofFormatError(`no checkpoint is in it: ${(cause as Error).message}`, { cause });
  }
  throw new ProofFormatError(
    'no checkpoint is in it: neither a proof file nor a checkpoint’s JSON',
  );
}

/** Whether the log under `now` begins with that of `earlier`. */
export function earlierFaults(earlier: EarlierLog, now: HeaderRead, genesis: Genesis): string[] {
  const { header } = earlier.signed;
  const prefix = verifyConsistency(
    header.logSize,
    fromHex(header.logRoot),
    now.header.logSize,
    fromHex(now.header.logRoot),
    earlier.hashes,
  );
  return [
    ...(isSameChain(header, now.header) ? [] : ['it is of another chain']),
    ...(header.signer === noSigner ? [] : signatureFaults(earlier.signed, genesis)),
    ...appHashFaults(header),
    ...(header.height > now.header.height ? ['it is younger than the checkpoint'] : []),
    ...(prefix ? [] : ['its log is not the beginning of the log under the checkpoint']),
  ];
}

const isSameChain = (one: Header, other: Header): boolean =>
  one.genesisHash === other.genesisHash && one.chainId === other.chainId;

const proofsOfFork =
  'keep both files: where both are signed by one key, they show that two histories were told';

/** Judges what was kept against the file's checkpoint and its earlier logs, which hold. */
export function judgeKept(
  kept: HeaderRead,
  now: HeaderRead,
  earlier: readonly EarlierLog[],
): Finding {
  const [before, after] = [kept.header, now.header];
  const facts = [`kept: height ${before.height}, log of ${before.logSize} leaves`];
  const fork = (what: string): Finding => ({ ...failing(`${what}; ${proofsOfFork}`), facts });
  if (!isSameChain(before, after)) {
    return { ...failing('the kept checkpoint is of another chain'), facts };
  }
  if (before.height === after.height) {
    return equalBytes(kept.headerBytes, now.headerBytes)
      ? { problems: [], facts: [...facts, 'it is the same block'] }
      : fork(`block ${before.height} is another one than was kept`);
  }
  if (before.height > after.height) {
    return { ...notShown('the kept checkpoint is younger than this file: swap the two'), facts };
  }
  if (before.logSize > after.logSize || before.timeMs > after.timeMs) {
    return fork('the log was longer, or its time later, when the checkpoint was kept');
  }
  if (before.logSize === 0) return { problems: [], facts: [...facts, 'nothing was logged then'] };
  const known = [...earlier.map(({ signed }) => signed.header), after];
  const same = known.find(({ logSize }) => logSize === before.logSize);
  if (!same) {
    const remedy = `get one with: dxl prove consistency --since FILE`;
    return { ...notShown(`the file has no proof from ${before.logSize} leaves; ${remedy}`), facts };
  }
  return same.logRoot === before.logRoot
    ? { problems: [], facts }
    : fork(`the first ${before.logSize} leaves of the log are not those that were kept`);
}

/** Judges that the file's checkpoint is exactly the one that is trusted. */
export const isSameHeader = (one: HeaderRead, other: HeaderRead): boolean =>
  headerHash(one.headerBytes) === headerHash(other.headerBytes);
