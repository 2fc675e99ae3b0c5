import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { OperationalError } from '../../../../src/base/operational-error.ts';
import { readSections, writeSections } from '../../../../src/privacy/zk/build/binary-sections.ts';
import {
  buildCircuit,
  buildFromSource,
  defaultCacheDirectory,
} from '../../../../src/privacy/zk/build/build-circuit.ts';
import { buildKey } from '../../../../src/privacy/zk/build/sources.ts';
import { coldBuildMs, smallArtefacts, smallCircuitId } from '../small-proof.ts';
import { loader } from '../../../support/loader.ts';

const cacheDir = defaultCacheDirectory;

async function codeOf(failing: Promise<unknown>): Promise<string> {
  const thrown = await failing.catch((error: unknown) => error);
  return thrown instanceof OperationalError ? thrown.code : String(thrown);
}

describe('buildCircuit', () => {
  before(async function () {
    this.timeout(coldBuildMs);
    await smallArtefacts();
  });

  it('finds what was built, and says so', async () => {
    const phases: string[] = [];
    const built = await buildCircuit({
      circuitId: smallCircuitId,
      cacheDir,
      onProgress: ({ phase }) => phases.push(phase),
    });
    expect(built.cached).to.equal(true);
    expect(phases).to.deep.equal(['cached']);
  });

  it('names the circuits there are when asked for another', async () => {
    expect(await codeOf(buildCircuit({ circuitId: 'other', cacheDir }))).to.equal(
      'ZK_CIRCUIT_UNKNOWN',
    );
  });

  it('a key depends on source, includes and level', async () => {
    const keys = await Promise.all([
      buildKey('k-anonymity-16-k3.circom', 'O2'),
      buildKey('k-anonymity-16-k3.circom', 'O1'),
      buildKey('k-anonymity-512-k5.circom', 'O2'),
    ]);
    expect(new Set(keys).size).to.equal(3);
    expect(await codeOf(buildKey('absent.circom', 'O2'))).to.equal('ZK_SOURCE_MISSING');
  });

  it('tells what the compiler said of a source that it refuses', async () => {
    const request = { circuitId: 'template', file: 'k-anonymity.circom', cacheDir } as const;
    const thrown = await buildFromSource({ ...request, level: 'O2', withKeys: false }).catch(
      (error: unknown) => error,
    );
    expect(thrown).to.be.instanceOf(OperationalError).with.property('code', 'ZK_COMPILE_FAILED');
    expect(thrown).to.have.property('message').that.includes('No main specified');
  });

  it('another r1cs than the pinned one is refused, from the cache as well', async () => {
    const request = { circuitId: smallCircuitId, file: `${smallCircuitId}.circom`, cacheDir };
    const pinned = { level: 'O2', withKeys: true, expectedR1csHash: '00'.repeat(32) } as const;
    expect(await codeOf(buildFromSource({ ...request, ...pinned }))).to.equal('ZK_R1CS_MISMATCH');
  });

  it('the command finds the committed files current, from any folder', async function () {
    this.timeout(coldBuildMs);
    const main = fileURLToPath(
      new URL('../../../../src/privacy/zk/build/main.ts', import.meta.url),
    );
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...loader, main, '--check', '--json', '--cache', cacheDir, smallCircuitId],
      { cwd: tmpdir() },
    );
    const ids = (JSON.parse(stdout) as { id: string }[]).map(({ id }) => id);
    expect(ids).to.deep.equal([smallCircuitId]);
  });
});

describe('binary sections', () => {
  it('writes the bytes that it read', async () => {
    const file = new Uint8Array(await readFile((await smallArtefacts()).zkeyPath));
    const sections = readSections(file, 'zkey', 1);
    expect(writeSections('zkey', 1, [...sections])).to.deep.equal(file);
  });

  const whole = writeSections('test', 1, [[1, Uint8Array.of(1, 2, 3)]]);
  const rows: readonly [name: string, file: Uint8Array, magic: string][] = [
    ['another magic', whole, 'r1cs'],
    ['a section cut short', whole.subarray(0, whole.length - 1), 'test'],
    ['a header cut short', whole.subarray(0, 14), 'test'],
    ['no bytes', new Uint8Array(), 'test'],
    [
      'a section twice',
      writeSections('test', 1, [
        [1, whole],
        [1, whole],
      ]),
      'test',
    ],
  ];
  for (const [name, file, magic] of rows) {
    it(`refuses ${name}`, () => {
      expect(() => readSections(file, magic, 1)).to.throw(RangeError);
    });
  }
});
