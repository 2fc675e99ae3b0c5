/** What CometBFT hashes and what its validators sign (v0.34 to v0.38), byte for byte. */
import { concat, fromHex, toHex, type Hex } from '../../base/bytes.ts';
import { sha256Hex } from '../../base/hash.ts';
import { leafHash, MerkleLog } from '../../base/merkle.ts';
import type { BlockId, LightHeader, Validator } from './light-block.ts';
import {
  bytesField,
  delimited,
  fixedField,
  integerField,
  messageField,
  textField,
  timestamp,
} from './proto.ts';

/** CometBFT's Merkle tree is that of RFC 6962. */
function merkleRoot(leaves: readonly Uint8Array[]): Hex {
  const tree = new MerkleLog();
  for (const leaf of leaves) tree.append(leafHash(leaf));
  return toHex(tree.root());
}

const hexField = (field: number, value: Hex): Uint8Array => bytesField(field, fromHex(value));

const partSet = ({ partsTotal, partsHash }: BlockId): Uint8Array =>
  concat(integerField(1, partsTotal), hexField(2, partsHash));

const blockIdBytes = (id: BlockId): Uint8Array =>
  concat(hexField(1, id.hash), messageField(2, partSet(id)));

/** The hash that a commit is for. */
export const lightHeaderHash = (header: LightHeader): Hex =>
  merkleRoot([
    concat(integerField(1, header.versionBlock), integerField(2, header.versionApp)),
    textField(1, header.chainId),
    integerField(1, header.height),
    timestamp(header.timeSeconds, header.timeNanos),
    blockIdBytes(header.lastBlockId),
    hexField(1, header.lastCommitHash),
    hexField(1, header.dataHash),
    hexField(1, header.validatorsHash),
    hexField(1, header.nextValidatorsHash),
    hexField(1, header.consensusHash),
    hexField(1, header.appHash),
    hexField(1, header.lastResultsHash),
    hexField(1, header.evidenceHash),
    hexField(1, header.proposerAddress),
  ]);

/** Of validators in the order of their set: by power, then by address. */
export const validatorSetHash = (validators: readonly Validator[]): Hex =>
  merkleRoot(
    validators.map(({ publicKey, power }) =>
      concat(messageField(1, hexField(1, publicKey)), integerField(2, power)),
    ),
  );

export const addressOf = (publicKey: Hex): Hex => sha256Hex(fromHex(publicKey)).slice(0, 40);

/** The order in which CometBFT keeps and hashes a set: the mightiest first, then by address. */
export const inSetOrder = (validators: readonly Validator[]): Validator[] =>
  [...validators].sort((left, right) => {
    if (left.power !== right.power) return right.power - left.power;
    return addressOf(left.publicKey) < addressOf(right.publicKey) ? -1 : 1;
  });

const precommit = 2;

export interface Vote {
  readonly type: number;
  readonly height: number;
  readonly round: number;
  /** null votes for no block. */
  readonly blockId: BlockId | null;
  readonly timeSeconds: number | bigint;
  readonly timeNanos: number;
}

/** What a validator signs: CanonicalVote with its length before it. */
export const voteSignBytes = (chainId: string, vote: Vote): Uint8Array =>
  delimited(
    concat(
      integerField(1, vote.type),
      fixedField(2, vote.height),
      fixedField(3, vote.round),
      vote.blockId === null ? new Uint8Array() : messageField(4, blockIdBytes(vote.blockId)),
      messageField(5, timestamp(vote.timeSeconds, vote.timeNanos)),
      textField(6, chainId),
    ),
  );

/** Of a vote in a commit. */
export const precommitSignBytes = (chainId: string, vote: Omit<Vote, 'type'>): Uint8Array =>
  voteSignBytes(chainId, { ...vote, type: precommit });
