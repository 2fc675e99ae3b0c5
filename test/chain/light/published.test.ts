/**
 * CometBFT's own published vectors: sign-bytes (types/vote_test.go of v0.38.25), the header's hash
 * (types/block_test.go), and the model-based traces of light/mbt (Tendermint v0.35.0, Apache-2.0).
 */
import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { sha256Hex } from '../../../src/base/hash.ts';
import { utf8 } from '../../../src/base/bytes.ts';
import { toHex } from '../../../src/base/bytes.ts';
import {
  headerOf,
  lightBlockOf,
  validatorOf,
  type RpcSignedHeader,
  type RpcValidator,
} from '../../../src/chain/engine/light-blocks.ts';
import { lightHeaderHash, voteSignBytes } from '../../../src/chain/light/hashes.ts';
import { findFault, verifyStep, type TrustedBlock } from '../../../src/chain/light/verify.ts';

/** Go's zero time, the year 1. */
const zeroTime = { timeSeconds: -62_135_596_800n, timeNanos: 0 };
const zeroStamp = '0b088092b8c398feffffff01';
const one = '0100000000000000';

const signBytes: readonly [what: string, chainId: string, type: number, at: number, hex: string][] =
  [
    ['an empty vote', '', 0, 0, `0d2a${zeroStamp}`],
    ['a precommit', '', 2, 1, `21080211${one}19${one}2a${zeroStamp}`],
    ['a prevote', '', 1, 1, `21080111${one}19${one}2a${zeroStamp}`],
    ['no type', '', 0, 1, `1f11${one}19${one}2a${zeroStamp}`],
    [
      'a chain id',
      'test_chain_id',
      0,
      1,
      `2e11${one}19${one}2a${zeroStamp}320d746573745f636861696e5f6964`,
    ],
  ];

interface Trace {
  readonly description: string;
  readonly initial: {
    readonly signed_header: RpcSignedHeader;
    readonly next_validator_set: { readonly validators: readonly RpcValidator[] };
    readonly trusting_period: string;
  };
  readonly input: readonly {
    readonly block: {
      readonly signed_header: RpcSignedHeader;
      readonly validator_set: { readonly validators: readonly RpcValidator[] };
      readonly next_validator_set: { readonly validators: readonly RpcValidator[] };
    };
    readonly now: string;
    readonly verdict: 'SUCCESS' | 'INVALID' | 'NOT_ENOUGH_TRUST';
  }[];
}

const folder = new URL('../../vectors/tendermint-light/', import.meta.url);
const traces = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Trace);

describe('published vectors of CometBFT', () => {
  for (const [what, chainId, type, at, hex] of signBytes) {
    it(`gives the sign-bytes of ${what}`, () => {
      const vote = { type, height: at, round: at, blockId: null, ...zeroTime };
      expect(toHex(voteSignBytes(chainId, vote))).to.equal(hex);
    });
  }

  it('gives the header hash of block_test.go', () => {
    const hashOf = (text: string): string => sha256Hex(utf8(text));
    const zeros = '00'.repeat(32);
    const hash = lightHeaderHash({
      ...{ versionBlock: 1, versionApp: 2, chainId: 'chainId', height: 3 },
      ...{ timeSeconds: 1_570_983_284, timeNanos: 0 },
      lastBlockId: { hash: zeros, partsTotal: 6, partsHash: zeros },
      lastCommitHash: hashOf('last_commit_hash'),
      dataHash: hashOf('data_hash'),
      validatorsHash: hashOf('validators_hash'),
      nextValidatorsHash: hashOf('next_validators_hash'),
      consensusHash: hashOf('consensus_hash'),
      appHash: hashOf('app_hash'),
      lastResultsHash: hashOf('last_results_hash'),
      evidenceHash: hashOf('evidence_hash'),
      proposerAddress: hashOf('proposer_address').slice(0, 40),
    });
    expect(hash).to.equal('f740121f553b5418c3efbd343c2dbfe9e007bb67b0d020a0741374bab65242a4');
  });

  it('has the nine traces', () => {
    expect(traces).to.have.length(9);
  });

  for (const { description, initial, input } of traces) {
    it(`comes to the verdicts of ${description}`, () => {
      let trusted: TrustedBlock = {
        header: headerOf(initial.signed_header.header),
        nextValidators: initial.next_validator_set.validators.map(validatorOf),
      };
      for (const { block, now, verdict } of input) {
        const light = lightBlockOf(block.signed_header, block.validator_set.validators);
        const nowSeconds = Math.floor(Date.parse(now) / 1_000);
        // The caller's part: the trusting period, and a clock drift of one second.
        const trustedUntil = trusted.header.timeSeconds + Number(initial.trusting_period) / 1e9;
        const timely = trustedUntil > nowSeconds && light.header.timeSeconds < nowSeconds + 1;
        const found = timely ? verifyStep(trusted, light) : ({ verdict: 'INVALID' } as const);
        expect(found.verdict, JSON.stringify(found)).to.equal(verdict);
        if (found.verdict !== 'SUCCESS') continue;
        expect(findFault(light, light.header.chainId)).to.equal(null);
        const nextValidators = block.next_validator_set.validators.map(validatorOf);
        trusted = { header: light.header, nextValidators };
      }
    });
  }
});
