import { readFileSync } from 'node:fs';

/** A published case at the edge of what an Ed25519 signature is; hex. */
export interface EdgeVector {
  readonly title: string;
  readonly publicKey: string;
  readonly message: string;
  readonly signature: string;
  /** By rule M-12, and for ever: another answer is another chain. */
  readonly accepted: boolean;
}

/**
 * The table of conditions of Chalkias, Garillot and Nikolaenko, "Taming the many EdDSAs" (2020), as
 * its authors published it.
 */
const file = new URL('../vectors/ed25519-conditions.json', import.meta.url);
export const conditions = JSON.parse(readFileSync(file, 'utf8')) as readonly EdgeVector[];

const ending = (first: string, last: string): string => first + 'ff'.repeat(30) + last;
const padded = (first: string, last: string): string => first + '00'.repeat(30) + last;
const order8 = [
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03',
] as const;

/** The encodings of the eight points of small order: ZIP 215's list, canonical ones first. */
export const smallOrderEncodings: readonly string[] = [
  padded('01', '00'),
  padded('00', '00'),
  padded('00', '80'),
  ending('ec', '7f'),
  `${order8[0]}05`,
  `${order8[0]}85`,
  `${order8[1]}7a`,
  `${order8[1]}fa`,
  padded('01', '80'),
  ending('ec', 'ff'),
  ending('ed', '7f'),
  ending('ed', 'ff'),
  ending('ee', '7f'),
  ending('ee', 'ff'),
];

/** ZIP 215's own table: every pair of those as A and R, S = 0, over "Zcash". The chain takes none. */
export const smallOrderPairs: readonly EdgeVector[] = smallOrderEncodings.flatMap((publicKey) =>
  smallOrderEncodings.map((commitment) => ({
    title: `A ${publicKey}, R ${commitment}`,
    publicKey,
    message: '5a63617368',
    signature: commitment + '00'.repeat(32),
    accepted: false,
  })),
);
