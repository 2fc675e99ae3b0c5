import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { OperationalError } from '../../../base/operational-error.ts';
import {
  catalogueFile,
  developmentKeyFile,
  loadCatalogue,
  loadCircuitEntry,
  type Catalogue,
  type CircuitEntry,
} from '../catalogue.ts';
import { parseVerificationKey, verificationKeyHash } from '../verifier/verification-key.ts';
import {
  buildCircuit,
  buildFromSource,
  defaultCacheDirectory,
  type BuildProgress,
  type BuildRequest,
  type CircuitArtefacts,
} from './build-circuit.ts';
import { compilerVersion } from './compile.ts';

const help = `Builds the circuits of circuits/circuits.json and their development keys.

npm run circuits -- [options] [NAME ...]
  NAME         build these alone; without any name all are built, which takes minutes
  --force      build again what the cache holds
  --check      fail where circuits.json or a file in circuits/keys is not current
  --update     write circuits.json and circuits/keys after a circuit has changed
  --cache DIR  cache folder (default .data/cache/circuits)
  --json       one JSON document instead of text
`;

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    force: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    update: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    cache: { type: 'string', default: defaultCacheDirectory },
  },
});

function report(progress: BuildProgress): void {
  if (options.json) return;
  const fraction =
    progress.fraction === undefined ? '' : ` ${Math.round(progress.fraction * 100)} %`;
  process.stdout.write(`${progress.circuitId}: ${progress.phase}${fraction}\n`);
}

const isWanted = ({ id }: CircuitEntry): boolean => names.length === 0 || names.includes(id);

const requestFor = ({ id }: CircuitEntry): BuildRequest => ({
  circuitId: id,
  cacheDir: options.cache,
  force: options.force,
  onProgress: report,
});

const keyText = (artefacts: CircuitArtefacts): string =>
  `${JSON.stringify(artefacts.vk, null, 2)}\n`;

async function update(catalogue: Catalogue): Promise<Catalogue> {
  const circuits: CircuitEntry[] = [];
  for (const entry of catalogue.circuits) {
    if (!isWanted(entry)) {
      circuits.push(entry);
      continue;
    }
    const built = await buildFromSource({
      ...requestFor(entry),
      file: entry.file,
      level: 'O2',
      withKeys: true,
    });
    const key = parseVerificationKey(built.vk);
    if (!key.ok) throw new OperationalError('ZK_KEY_FILE_INVALID', key.detail);
    const keyFile = developmentKeyFile(entry.id);
    await mkdir(new URL('.', keyFile), { recursive: true });
    await writeFile(keyFile, keyText(built));
    circuits.push({
      ...entry,
      constraints: built.constraints,
      r1csHash: built.r1csHash,
      developmentKeyHash: verificationKeyHash(key.value),
    });
  }
  const updated = { ...catalogue, compiler: compilerVersion(), circuits };
  await writeFile(catalogueFile, `${catalogueText(updated)}\n`);
  return updated;
}

/** Lists of names on one line, as the repository's formatter writes them. */
const catalogueText = (catalogue: Catalogue): string =>
  JSON.stringify(catalogue, null, 2).replace(/\[\s+("[^\]]*")\s+\]/g, (_, names: string) => {
    return `[${names.split(/,\s+/).join(', ')}]`;
  });

async function build(catalogue: Catalogue): Promise<unknown[]> {
  if (options.check && catalogue.compiler !== compilerVersion()) {
    throw new OperationalError(
      'ZK_CATALOGUE_STALE',
      `circuits.json was made by ${catalogue.compiler}, installed is ${compilerVersion()}: ` +
        'install the pinned packages, or run npm run circuits -- --update.',
    );
  }
  const results: unknown[] = [];
  for (const entry of catalogue.circuits.filter(isWanted)) {
    const artefacts = await buildCircuit(requestFor(entry));
    if (options.check) await checkKeyFile(entry, artefacts);
    results.push({ id: entry.id, constraints: entry.constraints, ...artefacts, vk: undefined });
  }
  return results;
}

async function checkKeyFile(entry: CircuitEntry, artefacts: CircuitArtefacts): Promise<void> {
  const committed = await readFile(developmentKeyFile(entry.id), 'utf8').catch(() => '');
  if (committed === keyText(artefacts)) return;
  throw new OperationalError(
    'ZK_CATALOGUE_STALE',
    `The key file of ${entry.id} is not current: run npm run circuits -- --update.`,
  );
}

async function main(): Promise<void> {
  if (options.help) {
    process.stdout.write(help);
    return;
  }
  for (const name of names) await loadCircuitEntry(name);
  const catalogue = await loadCatalogue();
  const result = await build(options.update ? await update(catalogue) : catalogue);
  if (options.json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
}

main().catch((error: unknown) => {
  if (!(error instanceof OperationalError)) throw error;
  process.stderr.write(`${error.code}: ${error.message}\n`);
  process.exitCode = 1;
});
