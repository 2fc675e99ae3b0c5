/** Dossiers whose checkpoint CometBFT's validators sealed, and every way in which they did not. */
import { expect } from 'chai';
import { fromHex, utf8 } from '../../src/base/bytes.ts';
import { taggedHashHex } from '../../src/base/hash.ts';
import type { HandOver } from '../../src/chain/light/hand-over.ts';
import { encodeLightBlock, voteFlags, type LightBlock } from '../../src/chain/light/light-block.ts';
import { decodeHeader, encodeHeader, type Header } from '../../src/chain/machine/header.ts';
import { toBase64url } from '../../src/base/base64url.ts';
import { canonicalJson } from '../../src/base/canonical-json.ts';
import { bytesOf } from '../../src/dossier/evidence.ts';
import type { VerifyOptions } from '../../src/dossier/options.ts';
import { dossierFormatOfValidators, type Dossier } from '../../src/dossier/schema.ts';
import { verifyDossier } from '../../src/dossier/verify.ts';
import {
  flipHex,
  handOverToFour,
  lightBlockOver,
  testSetHash,
  testValidators,
  type BlockWish,
} from '../chain/light/make-block.ts';
import { coldBuildMs } from '../privacy/zk/small-proof.ts';
import { parsed, resealed } from './forge.ts';
import { playedDossier } from './sample-dossier.ts';
import { keyOf } from './world.ts';

const noSigner = '00'.repeat(32);

interface Forgery {
  readonly header?: Partial<Header>;
  /** Of CometBFT's block, the header's app hash and height taken for granted. */
  readonly block?: BlockWish;
  readonly change?: (block: LightBlock) => LightBlock;
  readonly handOver?: Partial<HandOver> | null;
  readonly handOverSigner?: string;
  /** Signatures of the block signer beside them. */
  readonly signatures?: string[];
  /** As the second version had it, without state proofs. */
  readonly old?: boolean;
  readonly options?: VerifyOptions;
}

describe('a dossier that validators sealed', function () {
  this.timeout(coldBuildMs);
  let dossier: Dossier;
  let genesisHash: string;
  let header: Header;

  before(async () => {
    dossier = parsed((await playedDossier()).bytes);
    genesisHash = taggedHashHex('dxl/genesis/1', bytesOf(dossier.genesis));
    header = decodeHeader(bytesOf(dossier.checkpoint.header));
  });

  function make({ header: changes = {}, block: wish = {}, change, ...forgery }: Forgery) {
    const { handOver = {}, handOverSigner = 'block-signer' } = forgery;
    const own = { ...header, signer: noSigner, ...changes };
    const made = lightBlockOver(header, wish);
    const chain = { chainId: header.chainId, genesisHash };
    const signed = handOverToFour(chain, handOver ?? {}, keyOf(handOverSigner));
    return resealed(dossier, (content) => {
      const checkpoint = {
        header: toBase64url(encodeHeader(own)),
        lightBlocks: [toBase64url(encodeLightBlock(change ? change(made) : made))],
        handOver:
          handOver === null
            ? []
            : [
                {
                  statement: toBase64url(signed.statement),
                  signature: toBase64url(signed.signature),
                },
              ],
      };
      content.checkpoint = forgery.old
        ? checkpoint
        : { ...checkpoint, signatures: forgery.signatures ?? [] };
      if (!forgery.old) return;
      content.format = dossierFormatOfValidators;
      delete content.state;
    });
  }

  const judged = (forgery: Forgery) => {
    const report = verifyDossier(make(forgery), forgery.options);
    const failing = report.claims.filter(({ outcome }) => outcome === 'FAILS');
    return { report, failing, reasons: failing.flatMap(({ reasons }) => reasons).join('; ') };
  };

  it('holds with all votes, with three of four, and with the set known from elsewhere', () => {
    const kinds: Forgery[] = [
      {},
      { block: { flags: { 1: voteFlags.absent } } },
      { options: { trustedValidatorsHash: testSetHash } },
      { handOver: null, options: { trustedValidatorsHash: testSetHash } },
    ];
    for (const forgery of kinds) {
      const { report, reasons } = judged(forgery);
      expect(reasons).to.equal('');
      expect(report.outcome).to.equal('HOLDS');
      expect(report.notShown, 'C10 and C14').to.equal(2);
      const warned = report.warnings.some((line) => line.includes('hand-over alone'));
      expect(warned).to.equal(forgery.options === undefined);
    }
  });

  it('holds as the second version had it, which does not show what came later', () => {
    const { report } = judged({ old: true });
    const open = report.claims.filter(({ outcome }) => outcome === 'NOT SHOWN');
    expect(report.outcome).to.equal('HOLDS');
    expect(open.map(({ id }) => id)).to.deep.equal(['C10', 'C14', 'C19']);
    expect(report.warnings[0]).to.match(/^A file of format dxl-dossier\/2 has no state proofs/);
  });

  it('tells after which height the block signer gave way', () => {
    const { report } = judged({ handOver: { height: header.height - 1 } });
    const facts = report.claims.find(({ id }) => id === 'C03')?.facts.join('; ');
    expect(facts).to.include(`handed over to them after height ${header.height - 1}`);
    expect(facts).to.include('sealed by 4 of 4 validators');
  });

  const lies: readonly [what: string, forgery: () => Forgery, reason: RegExp][] = [
    [
      'two of four votes',
      () => ({ block: { flags: { 0: voteFlags.absent, 1: voteFlags.nil } } }),
      /20 of 40 voting power/,
    ],
    ['votes for no block', () => ({ block: { flags: { 0: 3, 1: 3, 2: 3, 3: 3 } } }), /0 of 40/],
    ['votes of another chain', () => ({ block: { signedChainId: 'other' } }), /signature is wrong/],
    ['a block of another chain', () => ({ block: { chainId: 'other' } }), /is of chain other/],
    ['votes of another round', () => ({ block: { round: 2, signedRound: 1 } }), /signature is wr/],
    [
      'a validator twice',
      () => ({
        block: { validators: [0, 1, 2, 2].flatMap((at) => testValidators[at] ?? []) },
      }),
      /other validators than the trusted/,
    ],
    [
      'a vote twice',
      () => ({
        block: { flags: { 0: voteFlags.absent, 1: voteFlags.absent } },
        change: ({ header: h, validators, commit }) => {
          const [, , third, fourth] = commit.signatures;
          const signatures = [third!, fourth!, third!, fourth!];
          return { header: h, validators, commit: { ...commit, signatures } };
        },
      }),
      /vote 0 is of another validator/,
    ],
    [
      'another app hash in CometBFT’s header',
      () => ({ block: { header: { appHash: flipHex(header.appHash) } } }),
      /another app hash/,
    ],
    ['the wrong height', () => ({ block: { height: header.height + 2 } }), /has height/],
    [
      'a time after the next block’s',
      () => ({ block: { header: { timeSeconds: Math.floor(header.timeMs / 1_000) - 5 } } }),
      /younger than the block after it/,
    ],
    [
      'a set of their own',
      () => ({ block: { validators: testValidators.slice(1) } }),
      /other valid/,
    ],
    ['no hand-over and no trusted set', () => ({ handOver: null }), /known from elsewhere/],
    [
      'another trusted set',
      () => ({ options: { trustedValidatorsHash: '11'.repeat(32) } }),
      /other validators than the trusted/,
    ],
    ['a hand-over of somebody', () => ({ handOverSigner: 'buyer' }), /not signed by the block/],
    ['a hand-over of another chain', () => ({ handOver: { chainId: 'other' } }), /another chain/],
    [
      'a hand-over of another genesis',
      () => ({ handOver: { genesisHash: '22'.repeat(32) } }),
      /another chain/,
    ],
    [
      'a hand-over to others',
      () => ({ handOver: { validatorsHash: '33'.repeat(32) } }),
      /other validators/,
    ],
    [
      'a hand-over after the checkpoint',
      () => ({ handOver: { height: header.height } }),
      /the validators seal from height/,
    ],
    [
      'a signature of the block signer beside the validators’',
      () => ({ signatures: [toBase64url(new Uint8Array(64))] }),
      /of the block signer and of validators at once/,
    ],
    [
      'a header that names a signer',
      () => ({ header: { signer: header.signer } }),
      /names a signer beside the validators/,
    ],
  ];
  for (const [what, forgery, reason] of lies) {
    it(`fails with ${what}`, () => {
      const { failing, reasons } = judged(forgery());
      expect(failing.map(({ id }) => id)).to.deep.equal(['C03']);
      expect(reasons).to.match(reason);
    });
  }

  it('fails where a log root is changed, whatever the app hash says', () => {
    const { failing } = judged({ header: { logRoot: '44'.repeat(32) } });
    expect(failing.map(({ id }) => id)).to.include.members(['C03', 'C04']);
  });

  it('reads under its own format only', () => {
    const bytes = utf8(canonicalJson({ ...dossier, format: dossierFormatOfValidators }));
    const [first] = verifyDossier(bytes).claims;
    expect(first).to.include({ id: 'C01', outcome: 'FAILS' });
  });

  it('warns where the caller knows validators and the block signer sealed', async () => {
    const options = { trustedValidatorsHash: testSetHash };
    const { outcome, warnings } = verifyDossier((await playedDossier()).bytes, options);
    expect(outcome).to.equal('HOLDS');
    expect(warnings.join()).to.include('The block signer sealed this checkpoint');
    expect(fromHex(testSetHash)).to.have.length(32);
  });
});
