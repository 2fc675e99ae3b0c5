/**
 * Writes docs/examples from the dossier of a real run: as it is, and with one fen more in its first
 * posting. Usage: node --import tsx scripts/dossier-examples.ts FILE
 */
import { readFile, writeFile } from 'node:fs/promises';
import type { CborValue } from '../src/base/cbor.ts';
import { decodeLeaf, encodeLeaf } from '../src/chain/machine/leaf.ts';
import { toBase64url } from '../src/base/base64url.ts';
import { bytesOf } from '../src/dossier/evidence.ts';
import { encodeDossier, parseDossier } from '../src/dossier/format.ts';

const [, , file] = process.argv;
if (file === undefined) throw new Error('name the dossier of a run');
const whole = new Uint8Array(await readFile(file));
const parsed = parseDossier(whole);
if (!parsed.ok) throw new Error(parsed.detail);

/** The record with one added to the first integer found in depth, or null where it has none. */
function withOneMore(value: CborValue): CborValue | null {
  if (typeof value === 'bigint') return value + 1n;
  if (!Array.isArray(value)) return null;
  const items = value as readonly CborValue[];
  for (const [index, item] of items.entries()) {
    const changed = withOneMore(item);
    if (changed !== null) return items.with(index, changed);
  }
  return null;
}

const { leaves } = parsed.value;
const at = leaves.findIndex(({ leaf }) => {
  const read = decodeLeaf(bytesOf(leaf));
  return read.type === 'event' && read.name === 'trading.posted';
});
const posting = leaves[at];
const leaf = posting && decodeLeaf(bytesOf(posting.leaf));
const record = leaf?.type === 'event' ? withOneMore(leaf.record) : null;
if (!posting || leaf?.type !== 'event' || record === null) throw new Error('it has no posting');
const changed = { ...posting, leaf: toBase64url(encodeLeaf({ ...leaf, record })) };
await writeFile('docs/examples/whole.dossier.json', whole);
await writeFile(
  'docs/examples/broken.dossier.json',
  encodeDossier({ ...parsed.value, leaves: leaves.with(at, changed) }),
);
