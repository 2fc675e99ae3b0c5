/**
 * CometBFT's hashes and sign-bytes straight from the arrays of a light block, written a second time
 * from its specification (v0.38, spec/core) and docs/dossier.md.
 */
import { createHash } from 'node:crypto';
import type { CborValue } from '../../src/base/cbor.ts';

type List = readonly CborValue[];

const sha256 = (prefix: number, ...parts: Uint8Array[]): Buffer => {
  const hash = createHash('sha256').update(Uint8Array.of(prefix));
  for (const part of parts) hash.update(part);
  return hash.digest();
};

function merkle(leaves: readonly Uint8Array[]): Buffer {
  if (leaves.length === 1) return sha256(0, leaves[0]!);
  let left = 1;
  while (left * 2 < leaves.length) left *= 2;
  return sha256(1, merkle(leaves.slice(0, left)), merkle(leaves.slice(left)));
}

function varint(value: bigint): number[] {
  const low = Number(value & 127n);
  return value < 128n ? [low] : [low | 128, ...varint(value >> 7n)];
}
const head = (field: number, wire: number): number[] => varint(BigInt((field << 3) | wire));

/** Protocol buffers leave out what is zero or empty, except for a message that is said to stand. */
const number = (field: number, value: CborValue | undefined): Buffer =>
  Buffer.from(value === 0n ? [] : [...head(field, 0), ...varint(value as bigint)]);
const message = (field: number, ...parts: Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([...head(field, 2), ...varint(BigInt(body.length))]), body]);
};
const bytes = (field: number, value: CborValue | undefined): Buffer => {
  const body = value as Uint8Array;
  return body.length === 0 ? Buffer.alloc(0) : message(field, body);
};
const text = (field: number, value: string): Buffer => bytes(field, Buffer.from(value));
const fixed = (field: number, value: CborValue | undefined): Buffer => {
  if (value === 0n) return Buffer.alloc(0);
  const body = Buffer.alloc(8);
  body.writeBigInt64LE(value as bigint);
  return Buffer.concat([Buffer.from(head(field, 1)), body]);
};
const time = (seconds: CborValue | undefined, nanos: CborValue | undefined): Buffer =>
  Buffer.concat([number(1, seconds), number(2, nanos)]);
const blockId = ([hash, total, partsHash]: List): Buffer =>
  Buffer.concat([bytes(1, hash), message(2, number(1, total), bytes(2, partsHash))]);

export function cometHeaderHash(header: List): Buffer {
  const [block, app, chainId, height, seconds, nanos, last, ...hashes] = header;
  return merkle([
    Buffer.concat([number(1, block), number(2, app)]),
    text(1, chainId as string),
    number(1, height),
    time(seconds, nanos),
    blockId(last as List),
    ...hashes.map((hash) => bytes(1, hash)),
  ]);
}

export const cometSetHash = (validators: readonly List[]): Buffer =>
  merkle(
    validators.map(([key, power]) => Buffer.concat([message(1, bytes(1, key)), number(2, power)])),
  );

/** What the validator of a vote signed: CanonicalVote, its length before it. */
export function canonicalVote(chainId: string, [height, round, id]: List, vote: List): Buffer {
  const body = Buffer.concat([
    number(1, 2n),
    fixed(2, height),
    fixed(3, round),
    message(4, blockId(id as List)),
    message(5, time(vote[2], vote[3])),
    text(6, chainId),
  ]);
  return Buffer.concat([Buffer.from(varint(BigInt(body.length))), body]);
}
