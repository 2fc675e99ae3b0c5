import { buildCircuit, defaultCacheDirectory, isBuilt } from '../privacy/zk/build/build-circuit.ts';
import { loadCatalogue } from '../privacy/zk/catalogue.ts';
import { interruptibly } from './interrupted.ts';
import { fields, print, printJson, table } from './output.ts';
import { durationOf, openProgress } from './progress.ts';

interface Options {
  readonly json: boolean;
  /** Where they are kept. */
  readonly folder: string | undefined;
}

export async function listCircuits({ json, folder }: Options): Promise<void> {
  const { circuits } = await loadCatalogue();
  const listed = await Promise.all(
    circuits.map(async ({ id, statement, parameters, constraints }) => ({
      ...{ id, statement, ...parameters, constraints },
      built: await isBuilt(id, folder ?? defaultCacheDirectory),
    })),
  );
  if (json) {
    printJson(listed);
    return;
  }
  const [first] = listed;
  const names = Object.keys(first ?? {});
  const rows = listed.map((circuit) => Object.values(circuit).map(shown));
  print(table([names, ...rows]));
}

const shown = (value: unknown): string =>
  typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);

export async function build(circuitId: string, { json, folder }: Options): Promise<void> {
  const progress = await openProgress({ label: circuitId, quiet: json });
  const built = await interruptibly((signal) =>
    buildCircuit({
      ...{ circuitId, cacheDir: folder ?? defaultCacheDirectory, signal },
      onProgress: ({ phase, fraction = 0 }) =>
        progress.update(Math.round(100 * fraction), 100, phase),
    }),
  ).finally(() => progress.end());
  const { cached, compileMs, keysMs, wasmPath, zkeyPath } = built;
  const facts = { circuit: circuitId, cached, compileMs, keysMs, wasmPath, zkeyPath };
  if (json) printJson(facts);
  else {
    print(
      fields({
        circuit: circuitId,
        built: cached ? 'before' : 'now',
        took: `${durationOf(compileMs)} to compile, ${durationOf(keysMs)} for its key`,
        'proving key': zkeyPath,
      }),
    );
  }
}
