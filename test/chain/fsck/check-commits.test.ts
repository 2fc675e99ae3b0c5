import { expect } from 'chai';
import type { CometRpc } from '../../../src/chain/engine/comet-rpc.ts';
import type { BlockRow } from '../../../src/chain/engine/ports.ts';
import { encodeSeal } from '../../../src/chain/abci/seal.ts';
import { checkCommits } from '../../../src/chain/fsck/check-commits.ts';
import { Findings } from '../../../src/chain/fsck/report.ts';

const hash = 'ab'.repeat(32);

const row: BlockRow = {
  ...{ height: 1, timeMs: 1_000, appHash: hash, headerHash: hash, logSize: 0 },
  header: new Uint8Array(),
  signature: encodeSeal({
    ...{ blockHash: hash, timeSeconds: 1, timeNanos: 0, nextValidatorsHash: hash },
    ...{ proposerAddress: 'cd'.repeat(20), lastCommitRound: 0, lastCommitVotes: 0 },
  }),
};

const header = {
  ...{ version: { block: '11' }, chain_id: 'c', height: '1', time: '1970-01-01T00:00:01Z' },
  ...{ last_block_id: null, last_commit_hash: null, data_hash: null, validators_hash: hash },
  ...{ next_validators_hash: hash, consensus_hash: null, app_hash: null, last_results_hash: null },
  ...{ evidence_hash: null, proposer_address: 'cd'.repeat(20) },
};
const validator = { pub_key: { type: 'ed25519', value: 'AAAA' }, voting_power: '10' };

/** A CometBFT that answers what it is told to. */
const answering = (changed: object, validators: readonly unknown[] = []): CometRpc =>
  ({
    call: async (method: string) =>
      method === 'commit'
        ? {
            signed_header: {
              header: { ...header, ...changed },
              commit: {
                ...{ height: '1', round: 0, signatures: [] },
                block_id: { hash, parts: { total: 1, hash } },
              },
            },
          }
        : { validators, total: String(validators.length) },
  }) as unknown as CometRpc;

describe('seals against a CometBFT whose answers do not read', () => {
  const cases: readonly [what: string, rpc: CometRpc][] = [
    ['hashes that are no hex', answering({ last_commit_hash: 'zz', app_hash: 'z' })],
    ['a voting power that is no number', answering({}, [{ ...validator, voting_power: 'x' }])],
    ['a block version that is no number', answering({ version: { block: 'x' } })],
    ['no commit at all', { call: async () => ({}) } as unknown as CometRpc],
    ['a height that is no number', answering({ height: '1.5' })],
  ];
  for (const [what, rpc] of cases) {
    it(`names the block, and goes on, for ${what}`, async () => {
      const findings = new Findings();
      const reader = {
        async *blocks() {
          yield row;
        },
        async *envelopes() {},
      };
      await checkCommits({ reader, rpc, chainId: 'c', findings });
      expect(findings.list.map(({ table, row: at }) => `${table} ${at}`)).to.include('block 1');
    });
  }
});
