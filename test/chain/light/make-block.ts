/** Light blocks that a test's own validators sign. */
import { fromHex, toHex, utf8, type Hex } from '../../../src/base/bytes.ts';
import { sha256, sha256Hex } from '../../../src/base/hash.ts';
import {
  addressOf,
  inSetOrder,
  lightHeaderHash,
  precommitSignBytes,
  validatorSetHash,
} from '../../../src/chain/light/hashes.ts';
import {
  signHandOver,
  type HandOver,
  type SignedHandOver,
} from '../../../src/chain/light/hand-over.ts';
import {
  voteFlags,
  type CommitSignature,
  type LightBlock,
  type LightHeader,
  type Validator,
} from '../../../src/chain/light/light-block.ts';
import type { Header } from '../../../src/chain/machine/header.ts';
import { signingKeyFromSeed } from '../../../src/chain/tx/signature.ts';
import type { SigningKey } from '../../../src/chain/tx/signing-key.ts';

export const validatorKeys: readonly SigningKey[] = [1, 2, 3, 4].map((number) =>
  signingKeyFromSeed(sha256(utf8(`validator ${number}`))),
);

const keyOf = (publicKey: Hex): SigningKey => {
  const found = validatorKeys.find((key) => key.publicKey === publicKey);
  if (!found) throw new Error('the key is one of the four');
  return found;
};

export const testValidators: readonly Validator[] = inSetOrder(
  validatorKeys.map(({ publicKey }) => ({ publicKey, power: 10 })),
);

export const testSetHash = validatorSetHash(testValidators);

export interface BlockWish {
  readonly chainId?: string;
  readonly height?: number;
  readonly header?: Partial<LightHeader>;
  readonly validators?: readonly Validator[];
  /** By place: who does not vote for the block. */
  readonly flags?: Readonly<Record<number, number>>;
  /** What is signed instead of the chain id. */
  readonly signedChainId?: string;
  readonly round?: number;
  /** Round that the votes are signed for, where it is not the commit's. */
  readonly signedRound?: number;
}

const hashOf = (text: string): Hex => sha256Hex(utf8(text));

export function makeLightBlock(wish: BlockWish = {}): LightBlock {
  const { chainId = 'light-test', height = 8, round = 0 } = wish;
  const validators = [...(wish.validators ?? testValidators)];
  const header: LightHeader = {
    ...{ versionBlock: 11, versionApp: 0, chainId, height },
    ...{ timeSeconds: 1_700_000_100 + height, timeNanos: 5 },
    lastBlockId: { hash: hashOf('last'), partsTotal: 1, partsHash: hashOf('parts') },
    lastCommitHash: hashOf('commit'),
    dataHash: hashOf('data'),
    validatorsHash: validatorSetHash(validators),
    nextValidatorsHash: validatorSetHash(validators),
    consensusHash: hashOf('consensus'),
    appHash: hashOf('app'),
    lastResultsHash: hashOf('results'),
    evidenceHash: hashOf(''),
    proposerAddress: addressOf(validators[0]?.publicKey ?? '00'.repeat(32)),
    ...wish.header,
  };
  const blockId = { hash: lightHeaderHash(header), partsTotal: 1, partsHash: hashOf('own parts') };
  const signatures = validators.map(({ publicKey }, at): CommitSignature => {
    const flag = wish.flags?.[at] ?? voteFlags.commit;
    if (flag === voteFlags.absent) {
      return { flag, address: '', timeSeconds: 0, timeNanos: 0, signature: '' };
    }
    const time = { timeSeconds: 1_700_000_200 + height, timeNanos: at };
    const vote = {
      height,
      round: wish.signedRound ?? round,
      blockId: flag === voteFlags.commit ? blockId : null,
      ...time,
    };
    const message = precommitSignBytes(wish.signedChainId ?? chainId, vote);
    const signature = toHex(keyOf(publicKey).sign(message));
    return { flag, address: addressOf(publicKey), ...time, signature };
  });
  return { header, commit: { height, round, blockId, signatures }, validators };
}

/** Another one where this byte stood. */
export function flipHex(hex: Hex, at = 0): Hex {
  const bytes = fromHex(hex);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return toHex(bytes);
}

/** CometBFT's block after the ledger's: the first that holds the app hash of `header`. */
export const lightBlockOver = (header: Header, wish: BlockWish = {}): LightBlock =>
  makeLightBlock({
    chainId: header.chainId,
    height: header.height + 1,
    ...wish,
    header: {
      appHash: header.appHash,
      timeSeconds: Math.floor(header.timeMs / 1_000) + 1,
      ...wish.header,
    },
  });

/** From the block signer of a chain's genesis to the four, before the first block. */
export const handOverToFour = (
  chain: Pick<HandOver, 'chainId' | 'genesisHash'>,
  changes: Partial<HandOver>,
  signer: SigningKey,
): SignedHandOver => {
  const { chainId, genesisHash } = chain;
  const plain = { version: 1, chainId, genesisHash, height: 0, appHash: '77'.repeat(32) } as const;
  return signHandOver({ ...plain, validatorsHash: testSetHash, ...changes }, signer);
};
