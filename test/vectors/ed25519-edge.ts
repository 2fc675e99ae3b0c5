/**
 * Makes ed25519-edge.json: `node --import tsx test/vectors/ed25519-edge.ts > …json`.
 *
 * Signatures on the conditions of Chalkias, Garillot and Nikolaenko, "Taming the many EdDSAs"
 * (2020): small-order and mixed-order A and R, S out of range, encodings that are not canonical,
 * cofactored against cofactorless. Built here from the curve alone, so that whoever doubts a
 * vector can make it anew. `accepted` is libsodium's answer, and consensus: when a new version
 * gives another, that is another chain.
 */
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { concat, fromHex, toHex, utf8 } from '../../src/base/bytes.ts';
import { verifyEd25519 } from '../../src/chain/tx/signature.ts';

const { Point } = ed25519;
type Point = InstanceType<typeof Point>;
const order = Point.Fn.ORDER;
const prime = Point.Fp.ORDER;
const secret = 0x1234567890abcdef1234567890abcdef1234567890abcdefn;
const nonce = 0xfedcba0987654321fedcba0987654321fedcba09n;

const littleEndian = (value: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, at) => Number((value >> BigInt(8 * at)) & 255n));
const number = (bytes: Uint8Array): bigint =>
  bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

/** A point of order 8; its multiples are the whole small subgroup. */
const torsion = Point.fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a');
const multiple = (factor: number): Point =>
  Array.from({ length: factor }).reduce<Point>((sum) => sum.add(torsion), Point.ZERO);

interface Case {
  readonly title: string;
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

const challenge = (r: Uint8Array, a: Uint8Array, message: Uint8Array): bigint =>
  number(sha512(concat(r, a, message))) % order;

interface Parts {
  readonly a?: bigint;
  readonly r?: bigint;
  readonly torsionA?: number;
  readonly torsionR?: number;
  readonly encodedA?: Uint8Array;
  readonly encodedR?: Uint8Array;
  readonly addOrder?: bigint;
  /** Searches a message until [k]·torsion of A plus that of R vanishes, or does not. */
  readonly residue?: 'vanishes' | 'stays';
}

const times = (scalar: bigint): Point =>
  scalar === 0n ? Point.ZERO : Point.BASE.multiply(scalar % order);

function make(title: string, parts: Parts): Case {
  const { a = secret, r = nonce, torsionA = 0, torsionR = 0, addOrder = 0n } = parts;
  const publicKey = parts.encodedA ?? times(a).add(multiple(torsionA)).toBytes();
  const commitment = parts.encodedR ?? times(r).add(multiple(torsionR)).toBytes();
  for (let attempt = 0; ; attempt += 1) {
    const message = utf8(`${title} ${attempt}`);
    const k = challenge(commitment, publicKey, message);
    const left = (Number(k % 8n) * torsionA + torsionR) % 8;
    if (parts.residue === 'vanishes' && left !== 0) continue;
    if (parts.residue === 'stays' && left === 0) continue;
    const s = ((r + k * a) % order) + addOrder * order;
    return { title, publicKey, message, signature: concat(commitment, littleEndian(s)) };
  }
}

const smallOrder = [0, 1, 2, 3, 4, 5, 6, 7].map((factor) =>
  make(`small order A, torsion point ${factor}`, {
    a: 0n,
    torsionA: factor,
    residue: 'vanishes',
  }),
);

/** y + p still fits 255 bits only for y < 19: of the small subgroup, y = 0 and y = 1. */
const encoding = (y: bigint, sign: boolean): Uint8Array =>
  littleEndian(y | (sign ? 1n << 255n : 0n));
const notCanonical: [string, Uint8Array][] = [
  ['y = p + 1', encoding(prime + 1n, false)],
  ['y = p + 1 with sign', encoding(prime + 1n, true)],
  ['y = 1 with sign', encoding(1n, true)],
  ['y = p - 1 with sign', encoding(prime - 1n, true)],
];

const cases: Case[] = [
  make('ordinary', {}),
  make('small order A and R', { a: 0n, r: 0n, torsionA: 1, torsionR: 1, residue: 'vanishes' }),
  make('S = 0, A and R of small order', { a: 0n, r: 0n, torsionA: 4, torsionR: 4, residue: 'vanishes' }),
  ...smallOrder,
  ...[1, 2, 4].map((factor) =>
    make(`small order R, torsion point ${factor}`, { r: 0n, torsionR: factor }),
  ),
  make('R is the neutral point', { r: 0n }),
  make('mixed order A and R, cofactorless equation holds', {
    torsionA: 1,
    torsionR: 3,
    residue: 'vanishes',
  }),
  make('mixed order A, cofactorless equation holds', { torsionA: 1, residue: 'vanishes' }),
  make('mixed order A, cofactored equation alone holds', { torsionA: 1, residue: 'stays' }),
  make('mixed order R, cofactored equation alone holds', { torsionR: 1, residue: 'stays' }),
  make('S + L', { addOrder: 1n }),
  make('S + 7L', { addOrder: 7n }),
  ...notCanonical.map(([what, encodedA]) => make(`A not canonical, ${what}`, { a: 0n, encodedA })),
  ...notCanonical.map(([what, encodedR]) => make(`R not canonical, ${what}`, { r: 0n, encodedR })),
  { ...make('A off the curve', {}), publicKey: littleEndian(2n) },
  { ...make('A of all ones', {}), publicKey: fromHex('ff'.repeat(32)) },
];

const answer = ({ publicKey, message, signature }: Case): boolean =>
  verifyEd25519(publicKey, message, signature);
function strict({ publicKey, message, signature }: Case): boolean {
  return ed25519.verify(signature, message, publicKey, { zip215: false });
}

console.log(
  JSON.stringify(
    cases.map((item) => ({
      title: item.title,
      publicKey: toHex(item.publicKey),
      message: toHex(item.message),
      signature: toHex(item.signature),
      accepted: answer(item),
      nobleStrict: strict(item),
    })),
    null,
    2,
  ),
);
