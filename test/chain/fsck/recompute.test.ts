import { expect } from 'chai';
import { toHex } from '../../../src/base/bytes.ts';
import { leafHash, MerkleLog } from '../../../src/base/merkle.ts';
import { appHashOf, headerDigest, LogRoot, merkleRoot } from '../../../src/chain/fsck/recompute.ts';
import { appHash, headerHash } from '../../../src/chain/machine/header.ts';

const digest = (byte: number): string => toHex(new Uint8Array(32).fill(byte));

describe('chain/fsck: roots by a second calculation (M-94)', () => {
  it('agrees with the log of the machine at every size', () => {
    const [log, root] = [new MerkleLog(), new LogRoot()];
    const leaves: Uint8Array[] = [];
    for (let size = 0; size <= 70; size += 1) {
      expect(root.root()).to.equal(toHex(log.root()));
      expect(merkleRoot(leaves)).to.equal(toHex(log.root()));
      expect(root.copy().root()).to.equal(root.root());
      const leaf = Uint8Array.of(size, 7);
      leaves.push(leaf);
      log.append(leafHash(leaf));
      root.append(leaf);
    }
  });

  it('agrees on app hash and header hash, and sees any part that changes', () => {
    const parts = {
      ...{ height: 300, logSize: 70_000, logRoot: digest(1), stateRoot: digest(2) },
      ...{ zkRoot: digest(3), parametersHash: digest(4) },
    };
    expect(appHashOf(parts)).to.equal(appHash(parts));
    expect(appHashOf({ ...parts, height: 301 })).to.not.equal(appHash(parts));
    const header = Uint8Array.of(1, 2, 3);
    expect(toHex(headerDigest(header))).to.equal(headerHash(header));
  });
});
