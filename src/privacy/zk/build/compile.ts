import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { bindings, CircomRunner } from 'circom2';
import { circuitsDirectory } from '../catalogue.ts';
import { JobFailure } from '../child-process.ts';

export type OptimisationLevel = 'O1' | 'O2';

const require = createRequire(import.meta.url);

/** What the compiler is: part of every cache key, since another version gives another r1cs. */
export function compilerVersion(): string {
  const of = (name: string): string => {
    const manifest = require(`${name}/package.json`) as { version: string };
    return `${name} ${manifest.version}`;
  };
  return `${of('circom2')}, ${of('circomlib')}`;
}

/** Directories that includes are looked up in, by the name the compiler sees. */
export function includeDirectories(): Readonly<Record<string, string>> {
  const circuits = fileURLToPath(circuitsDirectory);
  return {
    '/circuits': circuits,
    '/circuits-lib': join(circuits, 'lib'),
    '/circomlib': join(dirname(require.resolve('circomlib/package.json')), 'circuits'),
  };
}

/** The compiler's sandbox takes a folder that is reached by a link for one outside of it. */
const withoutLinks = (directories: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(directories).map(([guest, host]) => [guest, fs.realpathSync(host)]),
  );

const standardErrorFile = 2;
const diagnosticLengthMax = 2000;

/** Keeps what the compiler prints and passes on what it writes to files. */
class CompilerOutput {
  readonly #printed: string[] = [];

  readonly writeSync = (
    descriptor: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
    position: number | null,
  ): number => {
    if (descriptor > standardErrorFile) {
      return fs.writeSync(descriptor, bytes, offset, length, position);
    }
    this.#printed.push(Buffer.from(bytes.subarray(offset, offset + length)).toString('utf8'));
    return length;
  };

  /** The end of it, without colours. */
  text(): string {
    const plain = stripVTControlCharacters(this.#printed.join(''));
    return plain.slice(-diagnosticLengthMax).trim();
  }
}

/**
 * Compiles circuits/<file> into outputDirectory as circuit.r1cs, circuit.sym and circuit.wasm.
 * The compiler sees only guest paths, the same on every machine, and no include leaves its
 * directory. It is synchronous for seconds: run it in a child process. Throws JobFailure
 * ZK_COMPILE_FAILED with what the compiler said.
 */
export async function compileCircuit(
  file: string,
  level: OptimisationLevel,
  outputDirectory: string,
): Promise<void> {
  const directories = includeDirectories();
  const include = Object.keys(directories).flatMap((directory) => ['-l', directory]);
  const output = new CompilerOutput();
  const runner = new CircomRunner({
    args: [
      `/circuits/${file}`,
      '--r1cs',
      '--wasm',
      '--sym',
      `--${level}`,
      ...include,
      '-o',
      '/out',
    ],
    env: {},
    preopens: withoutLinks({ ...directories, '/out': outputDirectory }),
    bindings: { ...bindings, fs: { ...fs, writeSync: output.writeSync } },
  });
  const name = file.replace(/\.circom$/, '');
  try {
    await runner.execute(fs.readFileSync(require.resolve('circom2/circom.wasm')));
    const at = (path: string): string => join(outputDirectory, path);
    fs.renameSync(at(`${name}.r1cs`), at('circuit.r1cs'));
    fs.renameSync(at(`${name}.sym`), at('circuit.sym'));
    fs.renameSync(at(`${name}_js/${name}.wasm`), at('circuit.wasm'));
    fs.rmSync(at(`${name}_js`), { recursive: true });
  } catch (error) {
    const said = output.text() || (error as Error).message;
    throw new JobFailure('ZK_COMPILE_FAILED', `circuits/${file} does not compile: ${said}`);
  }
}
