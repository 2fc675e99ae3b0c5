import { expect } from 'chai';
import fc from 'fast-check';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readCometHome } from '../../src/net/comet-home.ts';
import {
  largestEnvelope,
  limitFaults,
  limitsFor,
  readLimits,
  settingIn,
} from '../../src/net/comet-limits.ts';
import { durationMs, silenceMsOf } from '../../src/net/comet-times.ts';
import { netInit } from '../../src/net/init.ts';
import { testGenesis } from '../chain/test-chain.ts';

const parametersOf = (envelopeBytesMax: number) => ({
  ...testGenesis().parameters,
  envelopeBytesMax,
  blockBytesMax: 4 * envelopeBytesMax,
  envelopeExcessMax: 3 * envelopeBytesMax,
  organisationExcessMax: 3 * envelopeBytesMax,
  blockExcessMax: 12 * envelopeBytesMax,
});

/** As CometBFT's RPC gets it. */
const requestBytes = (envelopeBytes: number): number =>
  JSON.stringify({
    ...{ jsonrpc: '2.0', id: 1, method: 'broadcast_tx_sync' },
    params: { tx: Buffer.alloc(envelopeBytes).toString('base64') },
  }).length;

describe('limits of CometBFT', () => {
  it('let through every envelope that genesis may allow, in its request and its block', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_024, max: 4_194_304 }), (envelopeBytesMax) => {
        const parameters = parametersOf(envelopeBytesMax);
        const limits = limitsFor(parameters);
        expect(limitFaults(limits, parameters)).to.deep.equal([]);
        expect(largestEnvelope(limits)).to.be.at.least(envelopeBytesMax);
        expect(limits.rpcBodyBytesMax).to.be.at.least(4 * Math.ceil(envelopeBytesMax / 3) + 128);
        expect(limits.blockBytesMax).to.be.at.most(104_857_600);
      }),
    );
    expect(requestBytes(4_194_304)).to.be.at.most(
      limitsFor(parametersOf(4_194_304)).rpcBodyBytesMax,
    );
  });

  it('never let through by our reckoning what CometBFT’s request limit does not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2_000, max: 300_000 }), (rpcBodyBytesMax) => {
        const largest = largestEnvelope({ ...limitsFor(parametersOf(1_024)), rpcBodyBytesMax });
        expect(requestBytes(largest)).to.be.at.most(rpcBodyBytesMax);
      }),
      { numRuns: 30 },
    );
  });

  it('are CometBFT’s own where config.toml says nothing, and then too small for large envelopes', () => {
    const limits = readLimits('[rpc]\nladdr = "tcp://127.0.0.1:1"\n', '30000000');
    expect(limits.rpcBodyBytesMax).to.equal(1_000_000);
    expect(largestEnvelope(limits)).to.equal(749_232);
    expect(limitFaults(limits, parametersOf(65_536))).to.deep.equal([]);
    expect(limitFaults(limits, parametersOf(2_000_000))).to.deep.equal([
      'max_body_bytes under [rpc] is 1000000 and must be 2667692 at least',
      'max_tx_bytes under [mempool] is 1048576 and must be 2000000 at least',
    ]);
    const small = readLimits('[mempool]\nmax_txs_bytes = 1_000\n', 70_000);
    expect(limitFaults(small, parametersOf(65_536)).join()).to.match(
      /max_txs_bytes under \[mempool\] is 1000 .*genesis.json is 70000 and must be 131072 at least/,
    );
    expect(readLimits('', -1).blockBytesMax).to.equal(104_857_600);
  });

  it('are read from the section that they stand in, and from no other', () => {
    const toml = '[rpc]\na = 1 # one\n[mempool]\na = "2s"\nba = 3\n[other]\n';
    expect(settingIn(toml, 'rpc', 'a')).to.equal('1');
    expect(settingIn(toml, 'mempool', 'a')).to.equal('2s');
    expect(settingIn(toml, 'rpc', 'ba')).to.equal(null);
    expect(settingIn(toml, 'other', 'a')).to.equal(null);
    expect(settingIn(toml, 'absent', 'a')).to.equal(null);
  });

  it('a home is written with limits for its genesis, and an older one is found out', async () => {
    const dir = await mkdtemp(path.join(tmpdir(), 'dxl-limits-'));
    try {
      const genesis = testGenesis({ parameters: parametersOf(4_000_000) });
      const [own] = (await netInit({ dir, validators: 1, genesis })).validators;
      const home = await readCometHome(own!.cometHome);
      expect(limitFaults(home.limits, genesis.parameters)).to.deep.equal([]);
      expect([home.silenceMsMax, home.unheardMsMax]).to.deep.equal([10_000, 5_000]);
      const file = path.join(own!.cometHome, 'config', 'config.toml');
      const toml = await readFile(file, 'utf8');
      await writeFile(file, toml.replace(/^max_body_bytes.*$/m, ''));
      const older = await readCometHome(own!.cometHome);
      expect(limitFaults(older.limits, genesis.parameters).join()).to.include('max_body_bytes');
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  for (const [text, ms] of [
    ['200ms', 200],
    ['3s', 3_000],
    ['1m30s', 90_000],
    ['1.5s', 1_500],
    ['0', 0],
  ] as const) {
    it(`takes ${text} for ${ms} ms`, () => expect(durationMs(text)).to.equal(ms));
  }

  it('call a network silent after five rounds, and after 10 s at least', () => {
    expect(silenceMsOf('')).to.equal(30_000);
    expect(silenceMsOf('[consensus]\ntimeout_commit = "5s"\n')).to.equal(50_000);
    const quick = ['propose', 'prevote', 'precommit', 'commit'].map(
      (one) => `timeout_${one} = "1ms"`,
    );
    expect(silenceMsOf(`[consensus]\n${quick.join('\n')}`)).to.equal(10_000);
  });
});
