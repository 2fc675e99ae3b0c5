/** C19: the records as last shown are those of the state that the checkpoint commits to. */
import { fromHex } from '../../base/bytes.ts';
import { verifyStateProof } from '../../chain/tree/verify-state-proof.ts';
import { failing, notShown, type Finding } from '../../proof/report.ts';
import type { Evidence, ShownState } from '../evidence.ts';
import { newestState } from '../newest.ts';

export function judgeNewest(evidence: Evidence): Finding {
  const { header, state, dossier, problems } = evidence;
  if (!state) return notShown(`a file of format ${dossier.format} has no state proofs`);
  if (!header) return failing('no checkpoint to prove the state under');
  const newest = newestState(evidence);
  const root = fromHex(header.stateRoot);
  const proofs = new Map(state.map(({ key, proof }) => [key, proof]));
  const found = [...problems.state, ...findDisorder(state), ...findLoose(state, newest)];
  for (const [key, value] of newest) {
    const proof = proofs.get(key);
    if (!proof) found.push(`no state proof of ${key} is here`);
    else if (!verifyStateProof(root, key, value, proof)) {
      found.push(
        value
          ? `${key}: the state at height ${header.height} is not shown to hold it as it is here`
          : `${key}: the state at height ${header.height} is not shown to lack it`,
      );
    }
  }
  const absent = [...newest.values()].filter((value) => value === null).length;
  const facts = [
    `as of height ${header.height}: ${newest.size - absent} records are as last shown here`,
    `${absent} of their trades have no posting beyond those here`,
    'not told: accounts and certificate series, which other trades move too',
  ];
  return { problems: found, facts };
}

/** One proof of a key, in one order: a file has one form. */
const findDisorder = (state: readonly ShownState[]): string[] =>
  state.flatMap(({ key }, position) => {
    const before = state[position - 1];
    return before && before.key >= key ? [`the state proof of ${key} is out of order`] : [];
  });

const findLoose = (
  state: readonly ShownState[],
  newest: ReadonlyMap<string, Uint8Array | null>,
): string[] =>
  state
    .filter(({ key }) => !newest.has(key))
    .map(({ key }) => `the state proof of ${key} belongs to nothing here`);
