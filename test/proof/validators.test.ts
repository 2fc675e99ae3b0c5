/** Proof files whose block CometBFT's validators sealed, and every way in which they did not. */
import { expect } from 'chai';
import { toBase64url } from '../../src/base/base64url.ts';
import { utf8 } from '../../src/base/bytes.ts';
import { canonicalJson } from '../../src/base/canonical-json.ts';
import { voteFlags } from '../../src/chain/light/light-block.ts';
import { encodeHeader } from '../../src/chain/machine/header.ts';
import { withChecksum } from '../../src/proof/file.ts';
import { readKeptCheckpoint } from '../../src/proof/kept.ts';
import type { ProofReport } from '../../src/proof/report.ts';
import { proofFormat, type ProofContent } from '../../src/proof/schema.ts';
import { verifyProof } from '../../src/proof/verify.ts';
import { flipHex, testSetHash, testValidators } from '../chain/light/make-block.ts';
import { fieldsOf, MadeChain, sealed } from './made-chain.ts';
import { chain, contentOf, header, wanted, type Forgery } from './made-network.ts';

describe('proof: a file of a block that validators sealed', function () {
  this.timeout(300_000);

  const judge = (forgery: Forgery = {}): ProofReport =>
    verifyProof(sealed(contentOf(forgery)), forgery.options);
  const claimsThat = ({ claims }: ProofReport, outcome: string): string[] =>
    claims.filter((claim) => claim.outcome === outcome).map(({ id }) => id);
  const reasons = ({ claims }: ProofReport, id: string): string =>
    claims.find((claim) => claim.id === id)?.reasons.join('; ') ?? 'no such claim';

  it('holds with nothing given: by the hand-over of the block signer that genesis names', () => {
    const report = judge();
    expect(claimsThat(report, 'HOLDS')).to.have.members([
      'P01',
      'P02',
      'P03',
      'P04',
      'P05',
      'L0',
      'L11',
      'E4',
      'S1',
      'S2',
    ]);
    expect([report.outcome, report.notShown]).to.deep.equal(['HOLDS', 0]);
    const facts = report.claims.find(({ id }) => id === 'P03')?.facts.join('; ');
    expect(facts).to.include(`sealed by 4 of 4 validators, set ${testSetHash}`);
    expect(facts).to.include('handed over to them after height 0');
    expect(report.warnings.join())
      .to.match(/hand-over alone/)
      .and.match(/compared with none/);
  });

  it('holds with three of four votes, and by the set or the checkpoint known from elsewhere', () => {
    const kinds: Forgery[] = [
      { block: { flags: { 1: voteFlags.absent } } },
      { options: { trustedValidatorsHash: testSetHash } },
      { handOver: null, options: { trustedValidatorsHash: testSetHash } },
      { handOver: null, options: { trustedCheckpoint: chain.newest } },
    ];
    for (const forgery of kinds) {
      const report = judge(forgery);
      expect(report.outcome, reasons(report, 'P03')).to.equal('HOLDS');
      const warned = report.warnings.some((line) => line.includes('hand-over alone'));
      expect(warned).to.equal(forgery.options === undefined);
    }
  });

  const lies: readonly [what: string, forgery: Forgery, reason: RegExp][] = [
    [
      'the commit of another height',
      { change: (block) => ({ ...block, commit: { ...block.commit, height: header.height } }) },
      /the commit is of another height/,
    ],
    [
      'the block of another height, which validators did seal',
      { block: { height: header.height + 2 } },
      /has height 8, not 7/,
    ],
    [
      'two of four votes',
      { block: { flags: { 0: voteFlags.absent, 1: voteFlags.nil } } },
      /20 of 40 voting power/,
    ],
    [
      'a changed signature',
      {
        change: ({ commit, ...block }) => {
          const [first, ...others] = commit.signatures;
          const changed = { ...first!, signature: flipHex(first!.signature, 5) };
          return { ...block, commit: { ...commit, signatures: [changed, ...others] } };
        },
      },
      /vote 0: its signature is wrong/,
    ],
    ['votes of another chain', { block: { signedChainId: 'other' } }, /its signature is wrong/],
    ['a block of another chain', { block: { chainId: 'other' } }, /is of chain other/],
    [
      'a commit for another app hash',
      { block: { header: { appHash: flipHex(header.appHash) } } },
      /committed to another app hash/,
    ],
    [
      'a commit without votes',
      { change: (block) => ({ ...block, commit: { ...block.commit, signatures: [] } }) },
      /0 votes of 4 validators/,
    ],
    [
      'a commit for another header',
      { change: (block) => ({ ...block, header: { ...block.header, versionApp: 9 } }) },
      /the commit is of another header/,
    ],
    ['a set of their own', { block: { validators: testValidators.slice(1) } }, /other validators/],
    ['no hand-over and no trusted set', { handOver: null }, /known from elsewhere/],
    [
      'another trusted set',
      { options: { trustedValidatorsHash: '11'.repeat(32) } },
      /other validators than the trusted/,
    ],
    ['a hand-over of somebody', { handOverSigner: 'somebody' }, /not signed by the block signer/],
    ['a hand-over of another chain', { handOver: { chainId: 'other' } }, /of another chain/],
    [
      'a hand-over after the checkpoint',
      { handOver: { height: header.height } },
      /the validators seal from height 7 on/,
    ],
    [
      'a header that names a signer',
      { header: { signer: chain.genesis.blockSigner } },
      /names a signer beside the validators/,
    ],
  ];
  for (const [what, forgery, reason] of lies) {
    it(`fails with ${what}, and nothing rests on it`, () => {
      const report = judge(forgery);
      expect(report.outcome).to.equal('FAILS');
      expect(claimsThat(report, 'FAILS')).to.deep.equal(['P03']);
      expect(claimsThat(report, 'NOT SHOWN')).to.deep.equal(['L0', 'L11', 'E4', 'S1', 'S2']);
      expect(reasons(report, 'P03')).to.match(reason);
    });
  }

  it('is refused with any one byte of its light block changed', () => {
    const content = contentOf();
    if (!('lightBlocks' in content.checkpoint)) throw new Error('it is of validators');
    const [whole = ''] = content.checkpoint.lightBlocks;
    const step = Math.max(1, Math.floor(whole.length / 60));
    for (let place = 0; place < whole.length; place += step) {
      const other = whole[place] === 'A' ? 'B' : 'A';
      const block = whole.slice(0, place) + other + whole.slice(place + 1);
      const checkpoint = { ...content.checkpoint, lightBlocks: [block] };
      const report = verifyProof(sealed({ ...content, checkpoint }));
      expect(report.outcome, `character ${place}`).to.equal('FAILS');
    }
  });

  it('shows no earlier log of another chain id, though nobody signed its header', () => {
    const content = contentOf();
    const renamed = encodeHeader({ ...chain.at(2).header, chainId: 'another-chain' });
    const [earlier] = content.earlier;
    const forged = [{ ...earlier!, header: toBase64url(renamed) }];
    const report = verifyProof(sealed({ ...content, earlier: forged }));
    expect(claimsThat(report, 'FAILS')).to.deep.equal(['E4']);
    expect(reasons(report, 'E4')).to.equal('it is of another chain');
  });

  it('does not read without a commit, nor under the other format', () => {
    const content = contentOf();
    const broken = [
      { ...content, checkpoint: { ...content.checkpoint, lightBlocks: [] } },
      { ...content, checkpoint: fieldsOf(chain.newest) },
      { ...content, format: proofFormat },
      { ...content, format: 'dxl/proof/3' },
    ];
    for (const one of broken) {
      const bytes = utf8(canonicalJson(withChecksum(one as ProofContent)));
      expect(claimsThat(verifyProof(bytes), 'FAILS')).to.deep.equal(['P01']);
    }
  });

  it('of the format without a commit is not shown, as ever, unless the checkpoint is trusted', () => {
    const file = chain.file(wanted);
    expect(claimsThat(verifyProof(file), 'NOT SHOWN')).to.include.members(['P03', 'S1', 'L0']);
    const report = verifyProof(file, { trustedValidatorsHash: testSetHash });
    expect([report.outcome, report.warnings.join()]).to.satisfy(
      ([outcome, warnings]: string[]) =>
        outcome === 'NOT SHOWN' && !warnings!.includes('block signer sealed'),
    );
    expect(verifyProof(file, { trustedCheckpoint: chain.newest }).outcome).to.equal('HOLDS');
  });

  it('can be kept, and a later one goes on from it', () => {
    const kept = readKeptCheckpoint(sealed(contentOf()));
    expect(toBase64url(kept.headerBytes)).to.equal(fieldsOf(chain.newest).header);
    expect(judge({ options: { since: kept, trustedCheckpoint: kept } }).outcome).to.equal('HOLDS');
    const fork = judge({ header: { timeMs: header.timeMs + 1 }, options: { since: kept } });
    expect(reasons(fork, 'P06')).to.match(/another one than was kept/);
  });
});

describe('proof: a file that the block signer sealed', () => {
  it('warns who knows validators that the chain may have been handed over by then', () => {
    const chain = new MadeChain();
    chain.block(1);
    const report = verifyProof(chain.file(), { trustedValidatorsHash: testSetHash });
    expect(report.outcome).to.equal('HOLDS');
    expect(report.warnings.join()).to.include('The block signer sealed this checkpoint');
  });
});
