/** Which test files begin first, and which are about the source itself. */

/** Take long, so that none of them is left to run by itself at the end. */
const longest = [
  'test/scenario/scenarios.test.ts',
  'test/chain/archive/dxl-archive.test.ts',
  'test/chain/comet/perturb.test.ts',
  'test/api/contract.test.ts',
  'test/scenario/moving.test.ts',
  'test/circuits/k-anonymity.test.ts',
  'test/chain/comet/network.test.ts',
  'test/dossier/newest.test.ts',
  'test/dossier/verify.test.ts',
  'test/chain/archive/content.test.ts',
  'test/chain/fsck/check-ledger.test.ts',
  'test/bench/bench.test.ts',
];

const rankOf = (file: string): number => {
  const at = longest.indexOf(file);
  return at === -1 ? longest.length : at;
};

export const longestFirst = (files: readonly string[]): string[] =>
  [...files].sort((one, other) => rankOf(one) - rankOf(other));

/**
 * Start a node after kill -9: from the image such a start ends with "EntitySchema is not a constructor"
 * (the entry of typeorm is taken for another), from the source it does not. The reason is not found yet.
 */
const afterKill = ['one-folder', 'node-read-models', 'database-away'].map(
  (name) => `test/cli/${name}.test.ts`,
);

/** Read or bundle the source, on whose image they would say nothing of it; or do not run there yet. */
export const isOnSource = (file: string): boolean =>
  file.startsWith('test/house/') ||
  file === 'test/browser/verify-page.test.ts' ||
  afterKill.includes(file);
