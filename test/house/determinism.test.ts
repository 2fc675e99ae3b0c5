import { expect } from 'chai';
import { ESLint } from 'eslint';
import { resolve } from 'node:path';
import { projectRoot as root } from '../support/source-files.ts';

/** Code that consensus refuses, and the rule that says so. */
const refused: readonly [code: string, rule: string][] = [
  ['export const now = Date.now();', 'no-restricted-globals'],
  ['export const now = new Date();', 'no-restricted-globals'],
  ['export const at = performance.now();', 'no-restricted-globals'],
  ['export const list = new Intl.ListFormat();', 'no-restricted-globals'],
  ['export const number = parseFloat("1");', 'no-restricted-globals'],
  ['export const number = Number.parseFloat("1");', 'no-restricted-syntax'],
  ['export const random = Math.random();', 'no-restricted-syntax'],
  ['export const root = Math.sqrt(2);', 'no-restricted-syntax'],
  ['export const levels = Math.log2(8);', 'no-restricted-syntax'],
  ['const { random } = Math; export const number = random();', 'no-restricted-syntax'],
  ['export const half = 0.5;', 'no-restricted-syntax'],
  ['export const tiny = 1e-9;', 'no-restricted-syntax'],
  ['export const half = (whole: number): number => whole / 2;', 'house/no-float-division'],
  ['export const order = "a".localeCompare("b");', 'no-restricted-syntax'],
  ['export const text = "a".normalize();', 'no-restricted-syntax'],
  ['export const text = (1n).toLocaleString();', 'no-restricted-syntax'],
  ['export const text = (1).toFixed(2);', 'no-restricted-syntax'],
  ['export const sorted = [10, 9].sort();', 'no-restricted-syntax'],
  ['export const sorted = [10n, 9n].toSorted();', 'no-restricted-syntax'],
  ['export const mode = process.env["MODE"];', 'no-restricted-syntax'],
  ['export const id = process.pid;', 'no-restricted-globals'],
  ['import { readFileSync } from "node:fs"; readFileSync("a");', 'no-restricted-imports'],
  ['setTimeout(() => undefined, 1);', 'no-restricted-globals'],
  ['setImmediate(() => undefined);', 'no-restricted-globals'],
  ['void fetch("http://a.example");', 'no-restricted-globals'],
  ['export const id = crypto.randomUUID();', 'no-restricted-globals'],
  ['export const now = globalThis.performance.now();', 'no-restricted-globals'],
  ['for (const key in { a: 1 }) throw new Error(key);', 'no-restricted-syntax'],
  ['export const late = import("./hash.ts");', 'no-restricted-syntax'],
  ['export default 1;', 'no-restricted-syntax'],
];

const accepted: readonly string[] = [
  'export const least = Math.min(1, 2) + Math.floor(7 / 2) + Math.trunc(7 / 2);',
  'export const half = (whole: bigint): bigint => whole / 2n;',
  'export const sorted = [10, 9].sort((left, right) => left - right);',
  'export const version = "1.5";',
];

/** One file of every folder that consensus code lives in, present or to come. */
const consensusFiles: readonly string[] = [
  ...['base', 'identity', 'rights', 'pricing', 'listing', 'compliance', 'trading', 'dossier'],
  ...['privacy/jobs', 'privacy/zk/verifier', 'privacy/zk/statements'],
  ...[
    'chain/machine',
    'chain/tx',
    'chain/tree',
    'chain/light',
    'chain/checkpoint',
    'rights/deeper',
  ],
].map((folder) => `src/${folder}/file.ts`);

interface Config {
  readonly rules: Readonly<Record<string, readonly unknown[]>>;
}

describe('determinism by lint', function () {
  this.timeout(300_000);
  const eslint = new ESLint({ cwd: root });
  /** Any file that is there: the text is replaced, the rules are those of its path. */
  const filePath = resolve(root, 'src/base/bytes.ts');

  async function rulesBrokenBy(code: string): Promise<string[]> {
    const [result] = await eslint.lintText(`${code}\n`, { filePath });
    return (result?.messages ?? []).map(({ ruleId, message }) => ruleId ?? message);
  }

  for (const [code, rule] of refused) {
    it(`${rule} refuses ${code}`, async () => {
      expect(await rulesBrokenBy(code)).to.include(rule);
    });
  }

  for (const code of accepted) {
    it(`accepts ${code}`, async () => {
      expect(await rulesBrokenBy(code)).to.deep.equal([]);
    });
  }

  for (const file of consensusFiles) {
    it(`holds in ${file}`, async () => {
      const { rules } = (await eslint.calculateConfigForFile(resolve(root, file))) as Config;
      expect(rules['house/no-float-division']?.[0]).to.equal(2);
      expect(JSON.stringify(rules['no-restricted-globals'])).to.include('"Date"');
      expect(JSON.stringify(rules['no-restricted-syntax'])).to.include('localeCompare');
      expect(JSON.stringify(rules['no-restricted-imports'])).to.include('node:*');
    });
  }

  it('lets a shell use what consensus may not', async () => {
    const { rules } = (await eslint.calculateConfigForFile(
      resolve(root, 'src/api/file.ts'),
    )) as Config;
    expect(rules['no-restricted-globals']).to.equal(undefined);
  });

  it('lets src/config.ts alone read the environment', async () => {
    const inConfig = (await eslint.calculateConfigForFile(
      resolve(root, 'src/config.ts'),
    )) as Config;
    const inApi = (await eslint.calculateConfigForFile(resolve(root, 'src/api/file.ts'))) as Config;
    expect(JSON.stringify(inConfig.rules['no-restricted-syntax'])).not.to.include('process');
    expect(JSON.stringify(inApi.rules['no-restricted-syntax'])).to.include('process');
  });
});
