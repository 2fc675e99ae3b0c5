/** The whole demonstration: makes a chain, starts the exchange, plays, writes the dossier. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { OperationalError } from '../base/operational-error.ts';
import { leastCost } from '../client/keystore/cost.ts';
import { newKeyFile } from '../client/keystore/key-file.ts';
import type { Party } from '../client/party.ts';
import { defaultPort, type Config } from '../config.ts';
import { openExchange, type Exchange } from '../main.ts';
import { openBlockSigner } from '../node/block-signer.ts';
import { dataFolder } from '../node/data-folder.ts';
import { holdFolder, type FolderHold } from '../node/folder-hold.ts';
import { makeGenesis, writeGenesis } from '../node/make-genesis.ts';
import {
  buildCircuit,
  defaultCacheDirectory,
  type CircuitArtefacts,
} from '../privacy/zk/build/build-circuit.ts';
import { everybody, genesisOperator, operator } from '../demo/cast.ts';
import { writeDossier } from '../demo/acts/dossier.ts';
import { play } from '../demo/play.ts';
import { openStage, type Stage, type StepRecord, type Terminal } from '../demo/stage.ts';

export interface DemoOptions {
  readonly config: Config;
  /** A folder that is absent or empty. */
  readonly outDir: string;
  /** Where the steps are shown; null shows none. */
  readonly terminal: Terminal | null;
  readonly version: string;
}

export interface DemoResult {
  readonly chainId: string;
  readonly exchange: Exchange;
  readonly steps: readonly StepRecord[];
  /** Name and value, in the order of the table. */
  readonly figures: readonly (readonly [string, string])[];
  /** What was written, by what it is. */
  readonly files: Readonly<Record<string, string>>;
}

/** The exchange stays up: the caller stops it. Throws OperationalError, having stopped what it began. */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const startedMs = performance.now();
  const { outDir } = options;
  await makeEmptyFolder(outDir);
  const hold = await holdFolder(path.join(outDir, 'exchange'), 'demo');
  try {
    return await playOn(options, hold, startedMs);
  } catch (error) {
    await hold.release();
    throw error;
  }
}

async function playOn(
  options: DemoOptions,
  hold: FolderHold,
  startedMs: number,
): Promise<DemoResult> {
  const { outDir, terminal, version } = options;
  const stage = openStage(terminal, () => performance.now());
  stage.act('Setting up');
  const parties = await makeKeys(stage, outDir);
  const artefacts = await makeCircuit(stage);
  const chainId = `demo-${Date.now().toString(36)}`;
  const config = {
    ...options.config,
    port: await demoPort(options.config),
    dataDir: path.join(outDir, 'exchange'),
    genesisPath: null,
  };
  await makeChain(stage, config, chainId, parties);
  const logFile = path.join(outDir, 'exchange.log');
  const { exchange } = await stage.step('(node)', 'starts: database, chain, API', async (show) => {
    const opened = await openExchange(config, {
      ...{ version, logFile, hold },
      onProgress: (line) => show(0.5, line),
    });
    return { exchange: opened, result: opened.url };
  });
  try {
    const played = await play({ url: exchange.url, outDir, stage, parties, artefacts });
    const dossier = await writeDossier({ stage, url: exchange.url, outDir, parties, played });
    const files = {
      dossier,
      keys: path.join(outDir, 'keys'),
      log: logFile,
      delivered: path.join(outDir, 'buyer'),
    };
    const figures = await figuresOf({ exchange, stage, played, dossier, startedMs });
    return { chainId, exchange, steps: stage.steps, figures, files };
  } catch (error) {
    await exchange.stop();
    throw error;
  }
}

/** The port asked for; any free one where the usual one is taken, for the address is shown. */
async function demoPort({ host, port }: Config): Promise<number> {
  if (port !== defaultPort) return port;
  const probe = createServer();
  return new Promise((resolve) => {
    probe.once('error', () => resolve(0));
    probe.listen(port, host, () => probe.close(() => resolve(port)));
  });
}

async function makeEmptyFolder(outDir: string): Promise<void> {
  await mkdir(outDir, { recursive: true });
  if ((await readdir(outDir)).length === 0) return;
  throw new OperationalError('DEMO_FOLDER', `${outDir} is not empty; name another with --out.`);
}

/** One encrypted key file for each party; what opens them all lies beside them, for trying out. */
async function makeKeys(stage: Stage, outDir: string): Promise<ReadonlyMap<string, Party>> {
  const folder = path.join(outDir, 'keys');
  await mkdir(folder);
  const passphrase = randomBytes(18).toString('base64url');
  await writeFile(path.join(folder, 'passphrase.txt'), `${passphrase}\n`, { mode: 0o600 });
  const parties = new Map<string, Party>();
  await stage.step('(all)', 'each party makes a key of its own', async () => {
    for (const { id } of everybody) {
      const file = path.join(folder, `${id}.key.json`);
      const options = { passphrase, organisationId: id, cost: leastCost };
      parties.set(id, await newKeyFile(file, options));
    }
    return { result: `${parties.size} keys` };
  });
  return parties;
}

async function makeCircuit(stage: Stage): Promise<CircuitArtefacts> {
  const { artefacts } = await stage.step(
    '(all)',
    'circuit of the sample’s proof: compiled, keys made, or from the cache',
    async (show) => {
      const built = await buildCircuit({
        circuitId: 'k-anonymity-512-k5',
        cacheDir: defaultCacheDirectory,
        onProgress: ({ phase, fraction }) => show(fraction ?? 0, phase),
      });
      return { artefacts: built, result: built.cached ? 'from the cache' : 'made' };
    },
  );
  return artefacts;
}

async function makeChain(
  stage: Stage,
  config: Config,
  chainId: string,
  parties: ReadonlyMap<string, Party>,
): Promise<void> {
  const folder = dataFolder(config.dataDir);
  await stage.step('operator', 'writes genesis: a development chain', async () => {
    const party = parties.get(operator.id);
    if (!party) throw new OperationalError('DEMO_CAST', 'The operator has no key.');
    const genesis = await makeGenesis({
      chainId,
      mode: 'development',
      timeMs: Date.now(),
      rules: 'demo',
      blockSigner: (await openBlockSigner(folder.blockSignerFile)).publicKey,
      operator: genesisOperator(party),
    });
    await writeGenesis(folder.genesisFile, genesis);
    return { result: chainId };
  });
}

interface Sums {
  readonly exchange: Exchange;
  readonly stage: Stage;
  readonly played: { readonly figures: ReadonlyMap<string, string> };
  readonly dossier: string;
  readonly startedMs: number;
}

async function figuresOf(sums: Sums): Promise<DemoResult['figures']> {
  const { height, logSize } = sums.exchange.engine.status();
  const { size } = await stat(sums.dossier);
  const seconds = ((performance.now() - sums.startedMs) / 1000).toFixed(1);
  return [
    ['steps', String(sums.stage.steps.length)],
    ['envelopes', String(sums.stage.steps.filter((step) => step.height !== null).length)],
    ['blocks', String(height)],
    ['leaves in the log', String(logSize)],
    ...sums.played.figures,
    ['dossier', `${size} bytes`],
    ['time', `${seconds} s`],
    ['memory of this process', `${Math.round(process.memoryUsage.rss() / 1_048_576)} MiB`],
  ];
}
