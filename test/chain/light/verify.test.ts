import { expect } from 'chai';
import fc from 'fast-check';
import {
  decodeLightBlock,
  encodeLightBlock,
  voteFlags,
} from '../../../src/chain/light/light-block.ts';
import type { LightBlock } from '../../../src/chain/light/light-block.ts';
import { findFault, findSealFault, verifyStep } from '../../../src/chain/light/verify.ts';
import {
  flipHex,
  makeLightBlock,
  testSetHash,
  testValidators,
  validatorKeys,
  type BlockWish,
} from './make-block.ts';

const chainId = 'light-test';
const { absent, nil } = voteFlags;

type Draft<Value> = Value extends object
  ? { -readonly [Key in keyof Value]: Draft<Value[Key]> }
  : Value;

const changed = (block: LightBlock, change: (draft: Draft<LightBlock>) => void): LightBlock => {
  const draft = structuredClone(block) as Draft<LightBlock>;
  change(draft);
  return draft;
};

/** One of each kind of lie, and the reason that must be given. */
const lies: readonly [what: string, block: LightBlock, reason: RegExp][] = [
  ['two of four votes', makeLightBlock({ flags: { 0: absent, 1: absent } }), /not more than two/],
  ['two of four, two for nothing', makeLightBlock({ flags: { 2: nil, 3: nil } }), /not more than/],
  [
    'nobody at all',
    makeLightBlock({ flags: { 0: absent, 1: absent, 2: nil, 3: nil } }),
    /^0 of 40/,
  ],
  [
    'votes of another chain',
    makeLightBlock({ signedChainId: 'another-chain' }),
    /signature is wrong/,
  ],
  ['votes of another round', makeLightBlock({ round: 1, signedRound: 0 }), /signature is wrong/],
  ['another chain id', makeLightBlock({ chainId: 'another-chain' }), /of chain another-chain/],
  [
    'a validator twice in the set',
    makeLightBlock({
      validators: [0, 1, 2, 2].flatMap((at) => testValidators[at] ?? []),
    }),
    /stands in the set twice/,
  ],
  [
    'one vote given in the place of another',
    changed(makeLightBlock({ flags: { 3: absent } }), ({ commit }) => {
      commit.signatures[3] = commit.signatures[2]!;
    }),
    /vote 3 is of another validator/,
  ],
  [
    'one of four signatures changed, with three that are enough',
    changed(makeLightBlock(), ({ commit: { signatures } }) => {
      signatures[0]!.signature = flipHex(signatures[0]!.signature, 40);
    }),
    /vote 0: its signature is wrong/,
  ],
  [
    'a vote for nothing said to be for the block',
    changed(makeLightBlock({ flags: { 0: nil } }), ({ commit }) => {
      commit.signatures[0]!.flag = voteFlags.commit;
    }),
    /vote 0: its signature is wrong/,
  ],
  [
    'an absent vote with content',
    changed(makeLightBlock(), ({ commit }) => {
      commit.signatures[1]!.flag = absent;
    }),
    /an absent vote has content/,
  ],
  [
    'an absent vote with a time',
    changed(makeLightBlock({ flags: { 1: absent } }), ({ commit }) => {
      commit.signatures[1]!.timeNanos = 1;
    }),
    /vote 1: an absent vote has content/,
  ],
  [
    'a vote too many',
    changed(makeLightBlock(), ({ commit }) => {
      commit.signatures.push(commit.signatures[0]!);
    }),
    /5 votes of 4 validators/,
  ],
  [
    'a header changed after it was signed',
    changed(makeLightBlock(), ({ header }) => {
      header.appHash = flipHex(header.appHash);
    }),
    /of another header/,
  ],
  [
    'a commit of another height',
    changed(makeLightBlock(), ({ commit }) => {
      commit.height += 1;
    }),
    /of another height/,
  ],
  [
    'a time of a vote changed',
    changed(makeLightBlock(), ({ commit }) => {
      commit.signatures[0]!.timeNanos += 1;
    }),
    /vote 0: its signature is wrong/,
  ],
  [
    'validators left out of the set',
    changed(makeLightBlock(), (block) => {
      block.validators.pop();
      block.commit.signatures.pop();
    }),
    /not those that the header names/,
  ],
  ['no validator', makeLightBlock({ validators: [] }), /no validators/],
];

describe('a CometBFT header and its commit', () => {
  it('is believed with all votes, and with three of four', () => {
    expect(findSealFault(makeLightBlock(), chainId, testSetHash)).to.equal(null);
    for (const flags of [{ 0: absent }, { 3: nil }]) {
      expect(findSealFault(makeLightBlock({ flags }), chainId, testSetHash)).to.equal(null);
    }
  });

  for (const [what, block, reason] of lies) {
    it(`is not believed with ${what}`, () => {
      expect(findFault(block, chainId)).to.match(reason);
    });
  }

  it('is not believed of a set that nobody trusts, however well it signs', () => {
    const own = testValidators.slice(0, 3);
    const block = makeLightBlock({ validators: own });
    expect(findFault(block, chainId)).to.equal(null);
    expect(findSealFault(block, chainId, testSetHash)).to.match(/other validators/);
  });

  it('counts power, not heads', () => {
    const [first, ...others] = testValidators;
    const mighty = [{ publicKey: first!.publicKey, power: 100 }, ...others];
    const lone = makeLightBlock({ validators: mighty, flags: { 1: absent, 2: absent, 3: absent } });
    expect(findFault(lone, chainId)).to.equal(null);
    const without: BlockWish = { validators: mighty, flags: { 0: absent } };
    expect(findFault(makeLightBlock(without), chainId)).to.match(/30 of 130/);
  });

  it('comes back from its bytes, and no changed byte of them is believed', () => {
    const block = makeLightBlock({ flags: { 2: nil } });
    const bytes = encodeLightBlock(block);
    expect(decodeLightBlock(bytes)).to.deep.equal(block);
    const property = fc.property(
      fc.integer({ min: 0, max: bytes.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      (at, change) => {
        const mutant = Uint8Array.from(bytes);
        mutant[at] = (mutant[at] ?? 0) ^ change;
        try {
          const read = decodeLightBlock(mutant);
          // A vote for nothing is judged by its form alone: it counts for nothing.
          const vote = read.commit.signatures[2];
          const ofNil = JSON.stringify({ ...read, commit: { ...read.commit, signatures: [] } });
          const same = JSON.stringify({ ...block, commit: { ...block.commit, signatures: [] } });
          if (vote?.flag === nil && ofNil === same) return;
          expect(findSealFault(read, chainId, testSetHash), `byte ${at}`).to.not.equal(null);
        } catch (error) {
          expect((error as Error).name).to.match(/CborError|CodecError|AssertionError|Error/);
          if ((error as Error).name === 'AssertionError') throw error;
        }
      },
    );
    fc.assert(property, { numRuns: 150 });
  });
});

describe('a step of a light client', () => {
  const trusted = { header: makeLightBlock({ height: 8 }).header, nextValidators: testValidators };

  it('is made to the next height by the named set, and by no other', () => {
    expect(verifyStep(trusted, makeLightBlock({ height: 9 })).verdict).to.equal('SUCCESS');
    const others = makeLightBlock({ height: 9, validators: testValidators.slice(1) });
    expect(verifyStep(trusted, others).verdict).to.equal('INVALID');
  });

  it('is made over heights where more than a third of the trusted power signed', () => {
    expect(validatorKeys).to.have.length(4);
    const two = makeLightBlock({ height: 20, validators: testValidators.slice(2) });
    expect(verifyStep(trusted, two).verdict).to.equal('SUCCESS');
    const one = makeLightBlock({ height: 20, validators: testValidators.slice(3) });
    expect(verifyStep(trusted, one).verdict).to.equal('NOT_ENOUGH_TRUST');
  });

  it('is never made backwards', () => {
    expect(verifyStep(trusted, makeLightBlock({ height: 8 })).verdict).to.equal('INVALID');
    const early = makeLightBlock({ height: 9, header: { timeSeconds: 1_600_000_000 } });
    expect(verifyStep(trusted, early).verdict).to.equal('INVALID');
  });
});
