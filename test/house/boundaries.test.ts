import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { projectRoot as root, sourceFiles } from '../support/source-files.ts';

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

interface Cruise {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: {
    readonly totalDependenciesCruised: number;
    readonly violations: readonly Violation[];
  };
}

/** The tool as `npm run boundaries` runs it, on the tree in `cwd`. */
function cruiseIn(cwd: string, folders: readonly string[]): Cruise {
  const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [program, '--config', '.dependency-cruiser.cjs', '-T', 'json', ...folders];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  expect(stdout, stderr).to.match(/^\{/);
  return JSON.parse(stdout) as Cruise;
}

function ruleNames(): string[] {
  const map: unknown = createRequire(import.meta.url)('../../.dependency-cruiser.cjs');
  return (map as { forbidden: { name: string }[] }).forbidden.map(({ name }) => name);
}

/** Each row is an import that the map forbids, and the rule that names it. */
const planted: readonly [rule: string, from: string, imported: string][] = [
  ['base-imports-base', 'base/planted-1', 'rights/types.ts'],
  ['pure-imports-no-node', 'rights/planted-node', 'node:fs'],
  ['pure-imports-no-node', 'base/planted-node', 'crypto'],
  ['pure-imports-no-node', 'dossier/planted-node', 'node:fs/promises'],
  ['pure-imports-few-packages', 'trading/planted-npm', 'csv-parse'],
  ['pure-throws-no-operational-error', 'trading/planted-error', 'base/operational-error.ts'],
  ['identity-imports-down-only', 'identity/planted', 'rights/types.ts'],
  ['governance-imports-down-only', 'governance/planted', 'rights/types.ts'],
  ['rights-imports-down-only', 'rights/planted', 'listing/types.ts'],
  ['pricing-imports-down-only', 'pricing/planted', 'listing/types.ts'],
  ['listing-imports-down-only', 'listing/planted', 'trading/types.ts'],
  ['listing-imports-down-only', 'listing/planted-config', 'config.ts'],
  ['config-read-by-shells', 'listing/planted-config', 'config.ts'],
  ['compliance-imports-down-only', 'compliance/planted', 'trading/types.ts'],
  ['trading-imports-down-only', 'trading/planted', 'store/read.ts'],
  ['trading-imports-down-only', 'trading/planted-machine', 'chain/machine/machine.ts'],
  ['trading-imports-no-transition', 'trading/planted-verb', 'rights/register.ts'],
  ['identity-imports-no-transition', 'identity/planted-verb', 'rights/register.ts'],
  ['governance-imports-no-transition', 'governance/planted-verb', 'identity/admit.ts'],
  ['pricing-imports-no-transition', 'pricing/planted-verb', 'rights/register.ts'],
  ['rights-imports-no-transition', 'rights/planted-verb', 'identity/admit.ts'],
  ['listing-imports-no-transition', 'listing/planted-verb', 'rights/register.ts'],
  ['compliance-imports-no-transition', 'compliance/planted-verb', 'rights/register.ts'],
  ['privacy-jobs-imports-no-transition', 'privacy/jobs/planted-verb', 'trading/fund.ts'],
  ['supervision-imports-no-transition', 'supervision/planted-verb', 'trading/fund.ts'],
  ['recognition-imports-no-transition', 'recognition/planted-verb', 'trading/fund.ts'],
  ['supervision-imports-down-only', 'supervision/planted', 'recognition/types.ts'],
  ['recognition-imports-down-only', 'recognition/planted', 'supervision/types.ts'],
  ['data-imports-down-only', 'data/shell/planted', 'store/read.ts'],
  ['data-core-imports-no-shell', 'data/csv/planted', 'data/shell/read.ts'],
  ['pure-imports-no-node', 'data/csv/planted-node', 'node:fs'],
  ['disk-imports-down-only', 'disk/planted', 'store/read.ts'],
  ['chain-abci-imports-down-only', 'chain/abci/planted', 'store/read.ts'],
  ['chain-fsck-imports-down-only', 'chain/fsck/planted', 'store/read.ts'],
  ['chain-archive-imports-down-only', 'chain/archive/planted', 'store/read.ts'],
  ['privacy-zk-imports-down-only', 'privacy/zk/prover/planted', 'store/read.ts'],
  [
    'privacy-zk-statements-imports-down-only',
    'privacy/zk/statements/planted',
    'chain/tx/envelope.ts',
  ],
  ['privacy-jobs-imports-down-only', 'privacy/jobs/planted', 'privacy/he/worker.ts'],
  ['rooms-are-composed-in-one-place', 'chain/machine/planted', 'rights/types.ts'],
  ['chain-machine-imports-down-only', 'chain/machine/planted-engine', 'chain/engine/engine.ts'],
  ['chain-tx-imports-down-only', 'chain/tx/planted', 'chain/machine/machine.ts'],
  ['chain-tree-imports-down-only', 'chain/tree/planted', 'chain/tx/envelope.ts'],
  ['chain-light-imports-down-only', 'chain/light/planted', 'chain/tx/envelope.ts'],
  ['rooms-ts-composes-rooms', 'chain/rooms', 'store/read.ts'],
  ['chain-engine-imports-down-only', 'chain/engine/planted', 'store/read.ts'],
  [
    'privacy-zk-verifier-imports-down-only',
    'privacy/zk/verifier/planted',
    'privacy/zk/prover/prove.ts',
  ],
  ['privacy-he-imports-down-only', 'privacy/he/planted', 'store/read.ts'],
  ['dossier-imports-down-only', 'dossier/planted', 'client/deliver.ts'],
  ['verifiers-reach-no-native-code', 'dossier/planted-native', 'chain/tx/envelope.ts'],
  ['verifiers-reach-no-native-code', 'chain/checkpoint/planted-native', 'chain/tx/envelope.ts'],
  ['chain-checkpoint-imports-down-only', 'chain/checkpoint/planted', 'chain/tx/envelope.ts'],
  ['pure-imports-no-node', 'chain/checkpoint/planted-node', 'node:fs'],
  ['witness-imports-down-only', 'witness/planted', 'chain/engine/engine.ts'],
  ['witness-imports-down-only', 'witness/planted-log', 'publication/publisher.ts'],
  ['publication-imports-down-only', 'publication/planted', 'witness/witness.ts'],
  ['publication-imports-down-only', 'publication/planted-store', 'store/read.ts'],
  ['api-imports-down-only', 'api/planted-publication', 'publication/publisher.ts'],
  ['verifiers-reach-no-native-code', 'proof/planted-native', 'chain/tree/level-hasher.ts'],
  ['proof-imports-down-only', 'proof/planted', 'dossier/verify.ts'],
  ['browser-imports-down-only', 'browser/planted', 'api/app.ts'],
  ['pure-imports-no-node', 'browser/planted-node', 'node:fs'],
  ['not-to-dev-dependency', 'api/planted-bundler', 'esbuild'],
  ['stripper-in-strip-types', 'cli/planted-stripper', '@swc/wasm-typescript'],
  ['strip-types-imports-down-only', 'strip-types/planted', 'base/assert.ts'],
  ['proof-imports-down-only', 'proof/planted-machine', 'chain/machine/machine.ts'],
  ['content-imports-down-only', 'content/planted', 'store/read.ts'],
  ['store-imports-down-only', 'store/planted', 'api/app.ts'],
  ['client-imports-down-only', 'client/planted', 'store/read.ts'],
  ['client-imports-down-only', 'client/planted-engine', 'chain/engine/engine.ts'],
  ['api-imports-down-only', 'api/planted', 'chain/machine/machine.ts'],
  ['node-imports-down-only', 'node/planted', 'store/read.ts'],
  ['demo-imports-down-only', 'demo/planted-store', 'store/read.ts'],
  ['demo-imports-down-only', 'demo/planted-machine', 'chain/machine/machine.ts'],
  ['demo-imports-down-only', 'demo/planted-engine', 'chain/engine/engine.ts'],
  ['database-in-store', 'api/planted-database', 'pg'],
  ['database-in-store', 'cli/planted-orm', 'typeorm'],
  ['http-server-in-api', 'cli/planted-http', 'express'],
  ['prover-in-zk', 'privacy/zk/verifier/planted-snarkjs', 'snarkjs'],
  ['prover-in-zk', 'client/planted-circom', 'circom2'],
  ['seal-in-he', 'client/planted-seal', 'node-seal'],
  ['parquet-in-data', 'client/planted-parquet', 'hyparquet'],
  ['sodium-in-tx-and-client', 'api/planted-sodium', 'sodium-native'],
  ['not-to-dev-dependency', 'cli/planted-dev', 'fast-check'],
  ['not-to-unresolvable', 'cli/planted-missing', 'cli/nowhere.ts'],
  ['src-stands-alone', 'cli/planted-test', '../test/support/made.ts'],
  ['no-circular', 'pricing/circle-a', 'pricing/circle-b.ts'],
];

/** Imports that the map allows: the negative twins. */
const allowed: readonly [from: string, imported: string][] = [
  ['trading/fine', 'listing/types.ts'],
  ['trading/fine-nouns', 'rights/state.ts'],
  ['listing/fine', 'rights/results.ts'],
  ['listing/fine-npm', 'typebox'],
  ['rights/fine-npm', '@noble/hashes/sha2.js'],
  ['listing/fine-proof', 'privacy/zk/verifier/verify.ts'],
  ['data/shell/fine', 'data/row-batch.ts'],
  ['data/shell/fine-node', 'node:fs'],
  ['api/fine', 'store/read.ts'],
  ['api/fine-npm', 'express'],
  ['store/fine-npm', 'pg'],
  ['store/fine-port', 'chain/engine/ports.ts'],
  ['chain/tx/envelope', 'sodium-native'],
  ['client/fine', 'chain/tx/envelope.ts'],
  ['publication/fine', 'witness/durable-file.ts'],
  ['witness/fine', 'chain/checkpoint/note.ts'],
  ['chain/tree/level-hasher', '@chainsafe/hashtree'],
  ['proof/fine', 'chain/machine/leaf.ts'],
  ['privacy/zk/prover/fine-npm', 'snarkjs'],
  ['strip-types/fine-npm', '@swc/wasm-typescript'],
  ['privacy/he/fine-npm', 'node-seal'],
  ['demo/fine', 'client/deliver.ts'],
  ['base/fine-npm', '@noble/hashes/sha2.js'],
];

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** A small house of its own, under this project's map, so that it does not depend on today's. */
function buildHouse(house: string): void {
  for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json']) {
    cpSync(join(root, file), join(house, file));
  }
  symlinkSync(join(root, 'node_modules'), join(house, 'node_modules'), 'dir');
  write(join(house, 'test/support/made.ts'), 'export const made = 1;\n');
  write(join(house, 'src/pricing/alone.ts'), 'export const alone = 1;\n');
  write(join(house, 'src/pricing/circle-b.ts'), "import './circle-a.ts';\n");
  const rows = [...planted.map(([, from, imported]) => [from, imported] as const), ...allowed];
  const isOurs = (imported: string): boolean => /^[a-z].*\.ts$/.test(imported);
  const sources = new Set(['pricing/circle-b.ts', ...rows.map(([from]) => `${from}.ts`)]);
  for (const [from, imported] of rows) {
    const up = '../'.repeat(from.split('/').length - 1) || './';
    const target = isOurs(imported) || imported.startsWith('../') ? up + imported : imported;
    write(join(house, 'src', `${from}.ts`), `import '${target}';\n`);
    if (isOurs(imported) && !sources.has(imported) && !imported.includes('nowhere')) {
      write(join(house, 'src', imported), `export const made = '${imported}';\n`);
    }
  }
}

describe('boundaries', function () {
  this.timeout(300_000);

  describe('on this tree', () => {
    let cruise: Cruise;
    before(() => {
      cruise = cruiseIn(root, ['bin', 'src', 'test', 'bench']);
    });

    it('finds every source file: a tool that finds none passes', () => {
      const found = new Set(cruise.modules.map(({ source }) => source));
      const files = sourceFiles(['src']).filter((path) => path.endsWith('.ts'));
      expect(files.length).to.be.greaterThan(10);
      expect(files.filter((path) => !found.has(path))).to.deep.equal([]);
    });

    it('follows imports: there are more of them than modules', () => {
      const { totalDependenciesCruised } = cruise.summary;
      expect(totalDependenciesCruised).to.be.greaterThan(sourceFiles(['src']).length);
    });

    it('finds no forbidden import', () => {
      const found = cruise.summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`);
      expect(found).to.deep.equal([]);
    });
  });

  describe('on a house with planted imports', () => {
    let house: string;
    let found: Set<string>;
    let guilty: Set<string>;
    before(() => {
      house = mkdtempSync(join(tmpdir(), 'boundaries-'));
      buildHouse(house);
      const { violations } = cruiseIn(house, ['src']).summary;
      found = new Set(violations.map(({ rule, from }) => `${rule.name} ${from}`));
      guilty = new Set(violations.map(({ from }) => from));
    });
    after(() => rmSync(house, { recursive: true, force: true }));

    for (const [rule, from, imported] of planted) {
      it(`${rule}: catches ${from} importing ${imported}`, () => {
        expect([...found]).to.include(`${rule} src/${from}.ts`);
      });
    }

    it('no-orphans: catches a module that nobody imports', () => {
      expect([...found]).to.include('no-orphans src/pricing/alone.ts');
    });

    for (const [from, imported] of allowed) {
      it(`lets ${from} import ${imported}`, () => {
        expect(guilty.has(`src/${from}.ts`)).to.equal(false);
      });
    }

    it('has a planted import for every rule of the map', () => {
      const tried = new Set(['no-orphans', ...planted.map(([rule]) => rule)]);
      expect(ruleNames().filter((rule) => !tried.has(rule))).to.deep.equal([]);
    });
  });
});
