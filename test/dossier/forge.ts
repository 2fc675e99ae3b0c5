/** What attackers can do: change a file, seal it anew, or (the operator himself) rewrite the log. */
import { assert } from '../../src/base/assert.ts';
import { toHex } from '../../src/base/bytes.ts';
import { decodeCbor, encodeCbor } from '../../src/base/cbor.ts';
import { CborWriter } from '../../src/base/cbor-writer.ts';
import { decodeLinked, writeLinked } from '../../src/base/linked-record.ts';
import { leafHash, MerkleLog } from '../../src/base/merkle.ts';
import {
  appHash,
  decodeHeader,
  encodeHeader,
  headerSignatureInput,
} from '../../src/chain/machine/header.ts';
import { decodeLeaf, encodeLeaf, type EventLeaf } from '../../src/chain/machine/leaf.ts';
import { toBase64url } from '../../src/base/base64url.ts';
import { bytesOf } from '../../src/dossier/evidence.ts';
import { encodeDossier, parseDossier } from '../../src/dossier/format.ts';
import { recordKinds } from '../../src/proof/records.ts';
import {
  dossierFormatOfSigner,
  type Dossier,
  type DossierContent,
} from '../../src/dossier/schema.ts';
import { sealDossier } from '../../src/dossier/seal.ts';
import { verifyDossier } from '../../src/dossier/verify.ts';
import { keyOf, type World } from './world.ts';

export function parsed(bytes: Uint8Array): Dossier {
  const dossier = parseDossier(bytes);
  assert(dossier.ok, 'the dossier reads');
  return dossier.value;
}

/** A dossier's content that a test may change in place. */
export type Draft<Value = DossierContent> = Value extends string | number
  ? Value
  : { -readonly [Name in keyof Value]: Draft<Value[Name]> };

/** A party that is known to the chain changes the content and seals it with its own key. */
export function resealed(
  dossier: Dossier,
  change: (content: Draft) => void,
  party = 'buyer',
): Uint8Array {
  const { seal: _seal, ...content } = structuredClone(dossier);
  change(content);
  return encodeDossier(sealDossier(content, keyOf(party)));
}

/** As the first version had it: signed by the block signer, without state proofs. */
export function asVersion1(content: Draft): void {
  const { checkpoint } = content;
  assert('signatures' in checkpoint, 'it is of the present format');
  content.format = dossierFormatOfSigner;
  content.checkpoint = { header: checkpoint.header, signature: checkpoint.signatures[0] ?? '' };
  delete content.state;
}

/** One bit of a byte string in base64url. */
export function flipped(text: string, at: number): string {
  const bytes = bytesOf(text);
  const index = at % bytes.length;
  bytes[index] = (bytes[index] ?? 0) ^ (1 << (at % 8));
  return toBase64url(bytes);
}

/** The record of an event, to be changed in place. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- any field of any kind of record
export type Edit = (record: any, leaf: EventLeaf) => void;

/** The operator rewrites leaves and signs a log that holds them: only the claims can tell. */
export function rewritten(world: World, dossier: Dossier, edits: Record<string, Edit>): Uint8Array {
  const log = new MerkleLog();
  let touched = 0;
  const leaves = world.leaves.map((bytes) => {
    const leaf = decodeLeaf(bytes);
    const edit = leaf.type === 'event' ? (edits[`${leaf.name} ${leaf.id}`] ?? null) : null;
    const changed = leaf.type === 'event' && edit ? editLeaf(leaf, edit) : bytes;
    touched += changed === bytes ? 0 : 1;
    log.append(leafHash(changed));
    return changed;
  });
  assert(touched >= Object.keys(edits).length, 'every edit finds its leaf');
  return resealed(dossier, (content) => {
    const before = decodeHeader(bytesOf(content.checkpoint.header));
    const moved = { ...before, logRoot: toHex(log.root()) };
    const header = encodeHeader({ ...moved, appHash: appHash(moved) });
    const signature = keyOf('block-signer').sign(headerSignatureInput(header));
    content.checkpoint = {
      header: toBase64url(header),
      signatures: [toBase64url(signature)],
      lightBlocks: [],
      handOver: [],
    };
    content.leaves = content.leaves.map(({ logIndex }) => ({
      logIndex,
      leaf: toBase64url(leaves[logIndex] ?? new Uint8Array()),
      proof: log.inclusionProof(logIndex, before.logSize).map(toBase64url),
    }));
  });
}

const writer = new CborWriter();

function editLeaf(leaf: EventLeaf, edit: Edit): Uint8Array {
  const kind = recordKinds.get(leaf.kind);
  assert(kind, `${leaf.kind} is a kind`);
  const { value, link } = decodeLinked(kind.schema, encodeCbor(leaf.record));
  const record = structuredClone(value);
  const named = { ...leaf };
  edit(record, named);
  writer.clear();
  writeLinked(kind.schema, { value: record, link }, writer);
  return encodeLeaf({ ...named, record: decodeCbor(writer.take()) });
}

/** Ids of the claims that fail. */
export const failing = (bytes: Uint8Array): string[] =>
  verifyDossier(bytes)
    .claims.filter(({ outcome }) => outcome === 'FAILS')
    .map(({ id }) => id);
