/** Which test files begin first, and which are about the source itself. */

/** Take long, so that none of them is left to run by itself at the end. */
const longest = [
  'test/scenario/validators.test.ts',
  'test/scenario/embedded.test.ts',
  'test/client/lossy.test.ts',
  'test/chain/comet/byzantine.test.ts',
  'test/chain/archive/dxl-archive.test.ts',
  'test/chain/comet/perturb.test.ts',
  'test/api/contract.test.ts',
  'test/scenario/moving.test.ts',
  'test/circuits/k-anonymity.test.ts',
  'test/chain/comet/network.test.ts',
  'test/dossier/newest.test.ts',
  'test/dossier/told.test.ts',
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

/** Read or bundle the source, on whose image they would say nothing of it. */
export const isOnSource = (file: string): boolean =>
  file.startsWith('test/house/') || file === 'test/browser/verify-page.test.ts';
