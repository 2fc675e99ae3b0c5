/**
 * Export, import, audit and rebuild of a ledger of many small blocks, by `dxl` as an operator runs it:
 * time, peak resident memory of its process, and the file's size by level of compression.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { success } from '../src/base/result.ts';
import { openMachine } from '../src/chain/engine/open.ts';
import type { CommittedBlock } from '../src/chain/engine/ports.ts';
import {
  encodeHeader,
  headerHash,
  headerSignatureInput,
  type Header,
} from '../src/chain/machine/header.ts';
import { Machine } from '../src/chain/machine/machine.ts';
import { projectExchangeLeaf } from '../src/chain/project-leaf.ts';
import { exchangeParts } from '../src/chain/rooms.ts';
import { dataFolder } from '../src/node/data-folder.ts';
import { writeGenesis } from '../src/node/make-genesis.ts';
import { openBlockStore } from '../src/store/block-store.ts';
import { openDataSource } from '../src/store/data-source.ts';
import { startPostgres } from '../src/store/postgres/start.ts';
import { createProjector } from '../src/store/projection.ts';
import { admission, blockSigner, sign, testGenesis } from '../test/chain/test-chain.ts';
import { positive, readOptions, resultsFolder, round, writeResult } from './harness.ts';

const values = readOptions({ blocks: { type: 'string' } });
const blocks = positive('blocks', values.blocks, 20_000);
const operationsPerBlock = 7;

const genesis = testGenesis({
  parameters: { ...testGenesis().parameters, expirySpanMax: 10_000_000 },
});

/** Blocks of one envelope that admits seven organisations each: 15 leaves and 15 state rows. */
async function grow(url: string): Promise<{ leaves: number; keys: number }> {
  const dataSource = await openDataSource(url, { poolMax: 4 });
  const store = await openBlockStore({ dataSource, url });
  const machine = new Machine(genesis, { ...exchangeParts, verifyProof: () => success });
  await openMachine(machine, store);
  let previousHash = machine.genesisHash;
  for (let height = 1; height <= blocks; height += 1) {
    const operations = Array.from({ length: operationsPerBlock }, (_, at) =>
      admission(`member-${height}-${at}`, ['SELLER']),
    );
    const envelope = sign(operations, { sequence: height, expiryHeight: height + 100 });
    const timeMs = genesis.timeMs + height * 50;
    const block = machine.finalizeBlock({ height, timeMs, envelopes: [envelope] });
    const { results, leaves, changes, ...facts } = block;
    const header: Header = {
      version: 1,
      ...{ chainId: genesis.chainId, genesisHash: machine.genesisHash, previousHash },
      signer: blockSigner.publicKey,
      ...facts,
    };
    const bytes = encodeHeader(header);
    previousHash = headerHash(bytes);
    const committed: CommittedBlock = {
      ...{ height, timeMs, appHash: block.appHash, logSize: block.logSize, leaves },
      headerHash: previousHash,
      header: bytes,
      signature: blockSigner.sign(headerSignatureInput(bytes)),
      envelopes: results.map((result, position) => {
        if (!result.outcome.ok) throw new Error(result.outcome.detail);
        const { id, failedOperation, logIndex } = result;
        return {
          ...{ id, position, failedOperation, logIndex, bytes: result.bytes },
          ...{ resultCode: 0, detail: '' },
        };
      }),
    };
    await store.commit(committed, changes);
    machine.commit();
    if (height % 2_000 === 0) console.log(`block ${height} of ${blocks}`);
  }
  await createProjector({ dataSource, decode: projectExchangeLeaf }).advance();
  const [row] = await dataSource.query<{ keys: number }[]>(
    'SELECT count(*)::int AS keys FROM state',
  );
  const leaves = machine.info().logSize;
  await store.close();
  await dataSource.destroy();
  return { leaves, keys: row?.keys ?? 0 };
}

const dxl = fileURLToPath(new URL('../bin/dxl.mjs', import.meta.url));
const peakHook =
  'process.on("exit",()=>process.stderr.write("\\npeak-KiB:"+process.resourceUsage().maxRSS+"\\n"))';

interface Measured {
  readonly seconds: number;
  readonly peakMiB: number;
}

async function measure(words: string[]): Promise<Measured & { readonly out: string }> {
  const { DATABASE_URL: _other, ...env } = process.env;
  env['NODE_OPTIONS'] = `--import=data:text/javascript,${encodeURIComponent(peakHook)}`;
  const start = performance.now();
  const child = spawn(process.execPath, [dxl, ...words], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`dxl ${words.join(' ')} ended with ${code}: ${err}`);
  const peakKiB = Number(/peak-KiB:([0-9]+)/.exec(err)?.[1]);
  const seconds = round((performance.now() - start) / 1_000, 1);
  return { seconds, peakMiB: round(peakKiB / 1_024), out };
}

const root = await mkdtemp(join(tmpdir(), 'dxl-bench-move-'));
const from = join(root, 'from');
const to = join(root, 'to');
await writeGenesis(dataFolder(from).genesisFile, genesis);
const postgres = await startPostgres({
  dataDir: dataFolder(from).databaseDir,
  log: () => undefined,
});
try {
  const { leaves, keys } = await grow(postgres.url);
  const table: Record<string, Measured & { readonly megabytes?: number }> = {};
  const step = async (name: string, words: string[], file?: string): Promise<void> => {
    const { seconds, peakMiB } = await measure(words);
    const megabytes =
      file === undefined ? {} : { megabytes: round((await stat(file)).size / 1e6, 1) };
    table[name] = { seconds, peakMiB, ...megabytes };
    console.log(name, table[name]);
  };
  await step('nothing', ['--version']);
  for (const level of ['0', '1', '6', '9']) {
    const file = join(root, `level-${level}.dxl`);
    const words = ['export', file, '--data-dir', from, '--compress', level, '--json'];
    await step(`export, level ${level}`, words, file);
  }
  const file = join(root, 'level-6.dxl');
  await step('fsck', ['fsck', '--data-dir', from, '--json']);
  await step('fsck --file', ['fsck', '--file', file, '--json']);
  await step('rebuild --verify', ['rebuild', '--verify', '--data-dir', from, '--json']);
  await step('rebuild', ['rebuild', '--data-dir', from, '--json']);
  await step('import', ['import', file, '--data-dir', to, '--json']);
  const [one, other] = [await digests(from), await digests(to)];
  if (one !== other) throw new Error('the import differs from the original');
  console.table(table);
  const size = (level: number): number => table[`export, level ${level}`]?.megabytes ?? 0;
  await writeResult(resultsFolder(values.results), 'move', {
    what: 'export, import, audit and rebuild of one ledger by dxl',
    ledger: { blocks, leaves, stateKeys: keys },
    raw: table,
    ratios: {
      level6ToUncompressed: round(size(6) / size(0), 3),
      level1ToUncompressed: round(size(1) / size(0), 3),
    },
  });
} finally {
  await postgres.stop();
  await rm(root, { recursive: true, force: true });
}

async function digests(dataDir: string): Promise<string> {
  const { out } = await measure(['fsck', '--data-dir', dataDir, '--digests', '--json']);
  return JSON.stringify((JSON.parse(out) as { digests: unknown }).digests);
}
