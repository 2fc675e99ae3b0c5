import type { Checkpoint, StateClaim } from '../chain/engine/engine.ts';
import { decodeHeader, noSigner } from '../chain/machine/header.ts';
import { encodeGenesis, genesisKey } from '../chain/machine/genesis.ts';
import { canonicalJson } from '../base/canonical-json.ts';
import { committedCheckpoint } from '../proof/checkpoint-schema.ts';
import { isKeyOfLedger } from '../proof/describe.ts';
import { proofFormat, proofFormatOfValidators, type ProofContent } from '../proof/schema.ts';
import { clientNetwork } from './address.ts';
import { toBase64Url } from './base64url.ts';
import { rethrowEngineError } from './engine-problem.ts';
import { Problem } from './problem.ts';
import { listTexts, pieceByPiece, proofBytesOf, type ProofTexts } from './proof-text.ts';
import { apiResults } from './results.ts';
import type { Call, Services } from './route.ts';

/** What a proof file is asked to show, under one checkpoint. */
export interface Wanted {
  readonly logIndexes?: readonly number[];
  readonly keys?: readonly string[];
  /** Log sizes of earlier checkpoints. */
  readonly earlier?: readonly number[];
  /** Of the checkpoint, where it is not the newest; then no key can be proved. */
  readonly logSize?: number | undefined;
}

/** What a proof file asks for, in claims: an earlier checkpoint is a query of its own. */
export const claimsIn = ({ logIndexes = [], keys = [], earlier = [] }: Wanted): number =>
  logIndexes.length + keys.length + 10 * earlier.length;

/**
 * The bytes of the file, in the order in which it was asked for, made in short pieces and in turns
 * (long-work.ts). Throws Problem STATE_KEY_UNKNOWN, CHECKPOINT_NOT_FOUND, STATE_NOT_PROVED, NOT_FOUND,
 * NOT_READY or RATE_LIMITED, and what `hold` throws, which is told of leaves and values as they come.
 */
export async function proofFileOf(
  { services, hold, request, response }: Pick<Call, 'services' | 'hold' | 'request' | 'response'>,
  wanted: Wanted,
): Promise<Buffer> {
  for (const key of wanted.keys ?? []) if (!isKeyOfLedger(key)) throw unknownKey(key);
  const { work } = services;
  const [address, claims] = [clientNetwork(request), claimsIn(wanted)];
  const ground = await work.run(address, claims, () => {
    // Whoever has gone meanwhile wants nothing.
    if (response.closed) throw new Problem(apiResults.RATE_LIMITED, 'The client has gone.');
    return groundInTurn(services, wanted);
  });
  for (const { value } of ground.claims) hold(value?.length ?? 0);
  // A network’s commit may be seconds away: no turn is kept for it.
  const sealed = await sealedBy(services, ground.checkpoint);
  return work.goOn(address, claims, async () =>
    proofBytesOf(work.share, {
      format: [canonicalJson(sealed.format)],
      checkpoint: [canonicalJson(sealed.checkpoint)],
      ...(await claimTextsOf(services, wanted, ground, hold)),
    }),
  );
}

async function groundInTurn(services: Services, { keys = [], logSize }: Wanted): Promise<Ground> {
  const { share } = services.work;
  await share.wait();
  share.owe(keys.length * stateProofMs);
  return groundOf(services, keys, logSize);
}

async function claimTextsOf(
  services: Services,
  { earlier = [], logIndexes = [] }: Wanted,
  { checkpoint, genesisClaim, claims }: Ground,
  hold: (bytes: number) => void,
): Promise<Omit<ProofTexts, 'format' | 'checkpoint'>> {
  const { logSize } = checkpoint.header;
  const before = await Promise.all(earlier.map((size) => earlierOf(services, size, logSize)));
  return {
    genesis: [canonicalJson(toBase64Url(encodeGenesis(services.genesis)))],
    genesisProof: [canonicalJson(genesisClaim && toBase64Url(genesisClaim.proof))],
    leaves: listTexts(await leafTexts(services, logIndexes, logSize, hold)),
    earlier: [canonicalJson(before)],
    state: listTexts(await pieceByPiece(services.work.share, claims, claimText)),
  };
}

/**
 * The engine makes all state proofs of a file in one piece, as they are of one moment, and may wait for
 * values before and for the disk after it: on a tree of 100,000 keys 9 µs each.
 */
const stateProofMs = 0.01;

const claimText = ({ key, value, proof }: StateClaim): string =>
  canonicalJson({ key, value: value && toBase64Url(value), proof: toBase64Url(proof) });

/**
 * With the validators' commit where they sealed the block; of the newest one that is there once the
 * next block is decided. Throws Problem NOT_READY where CometBFT is away, or no block follows.
 */
async function sealedBy(
  { engine }: Services,
  { header, headerBytes, signature }: Checkpoint,
): Promise<Pick<ProofContent, 'format' | 'checkpoint'>> {
  const commit =
    header.signer === noSigner
      ? await engine.proveCommit?.(header.height).catch(rethrowEngineError)
      : null;
  return commit
    ? { format: proofFormatOfValidators, checkpoint: committedCheckpoint(headerBytes, commit) }
    : { format: proofFormat, checkpoint: signedHeader(headerBytes, signature) };
}

const signedHeader = (header: Uint8Array, signature: Uint8Array) => ({
  header: toBase64Url(header),
  signature: toBase64Url(signature),
});

interface Ground {
  readonly checkpoint: Checkpoint;
  readonly genesisClaim: StateClaim | null;
  readonly claims: readonly StateClaim[];
}

/** The checkpoint, and what can be shown of the state under it. */
async function groundOf(
  { engine, reader }: Services,
  keys: readonly string[],
  logSize: number | undefined,
): Promise<Ground> {
  const proved = await engine.proveState([genesisKey, ...keys]);
  if (proved && (logSize === undefined || logSize === proved.checkpoint.header.logSize)) {
    const [genesisClaim = null, ...claims] = proved.claims;
    return { checkpoint: proved.checkpoint, genesisClaim, claims };
  }
  const stored = proved && logSize !== undefined ? await reader.readHeaderOfLogSize(logSize) : null;
  if (!stored) throw noCheckpoint(logSize);
  if (keys.length > 0) {
    throw new Problem(apiResults.STATE_NOT_PROVED, `A log of ${logSize} leaves is older.`);
  }
  const header = decodeHeader(stored.header);
  const checkpoint = { header, headerBytes: stored.header, signature: stored.signature };
  return { checkpoint, genesisClaim: null, claims: [] };
}

const noCheckpoint = (logSize: number | undefined): Problem =>
  new Problem(
    apiResults.CHECKPOINT_NOT_FOUND,
    logSize === undefined ? 'No block is made yet.' : `Log size ${logSize}.`,
  );

const unknownKey = (key: string): Problem =>
  new Problem(apiResults.STATE_KEY_UNKNOWN, `${key} is not <kind>/<id> of a kind of record.`);

async function leafTexts(
  { engine, reader, work }: Services,
  indexes: readonly number[],
  logSize: number,
  hold: (bytes: number) => void,
): Promise<string[]> {
  const texts: string[] = [];
  for (let at = 0; at < indexes.length; at += leavesPerRead) {
    const some = indexes.slice(at, at + leavesPerRead);
    const leaves = await reader.readLeaves(some);
    const step = (): string[] =>
      some.map((logIndex) => {
        const proof = engine.proveInclusion(logIndex, logSize);
        const leaf = leaves.get(logIndex);
        if (!proof || !leaf) throw noLeaf(logIndex, logSize);
        hold(leaf.length);
        return canonicalJson({ logIndex, leaf: toBase64Url(leaf), hashes: proof.hashes });
      });
    texts.push(...(await work.share.run(step)));
  }
  return texts;
}

const noLeaf = (logIndex: number, logSize: number): Problem =>
  new Problem(apiResults.NOT_FOUND, `The log of ${logSize} leaves has no leaf ${logIndex}.`);

/** A leaf has 64 KiB at most: what is not counted yet is a few MiB. */
const leavesPerRead = 64;

async function earlierOf(
  { engine, reader }: Services,
  first: number,
  second: number,
): Promise<ProofContent['earlier'][number]> {
  const stored = await reader.readHeaderOfLogSize(first);
  const proof = engine.proveConsistency(first, second);
  if (!stored || !proof) throw noCheckpoint(first);
  return { ...signedHeader(stored.header, stored.signature), hashes: [...proof.hashes] };
}
