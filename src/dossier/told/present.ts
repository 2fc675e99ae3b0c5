/** The present state of each record of a dossier, and what of it a reader must not miss. */
import { groupBy } from '../../base/group-by.ts';
import { causeOf, type Evidence, type LoggedEvent } from '../evidence.ts';
import { valueAt } from '../paths.ts';
import { stepText } from '../words.ts';

export interface StateRow {
  readonly kind: string;
  readonly state: string;
  readonly ids: readonly string[];
  readonly isBad: boolean;
}

export interface PresentStates {
  /** Whether the states are proved to be the newest under the checkpoint (C19). */
  readonly areNewest: boolean;
  readonly rows: readonly StateRow[];
  /** A sentence for each record in a bad state; those of trades are told with their ends. */
  readonly concerns: readonly string[];
}

/** States after which nobody should rely on the record as the trade did. */
const badStates: Readonly<Record<string, readonly string[]>> = {
  trade: ['REJECTED', 'DISPUTED', 'SUSPENDED', 'REFUNDED', 'EXPIRED', 'CANCELLED', 'TERMINATED'],
  licence: ['SUSPENDED', 'REVOKED', 'TERMINATED'],
  registration: ['REFUSED', 'TERMINATED', 'EXPIRED', 'DEREGISTERED'],
  objection: ['UPHELD'],
  listing: ['SUSPENDED', 'DELISTED'],
  organisation: ['SUSPENDED'],
  valuation: ['CONTESTED', 'WITHDRAWN'],
  key: ['REVOKED'],
};

interface Present {
  readonly kind: string;
  readonly id: string;
  readonly state: string;
  /** The step that made it bad; null where it is not. */
  readonly badStep: LoggedEvent | null;
}

export function presentStates(evidence: Evidence, areNewest: boolean): PresentStates {
  const present = [...evidence.histories.values()].flatMap((history) =>
    readPresent(evidence, history),
  );
  const groups = groupBy(
    present,
    ({ kind, state, badStep }) => `${kind} ${state} ${badStep !== null}`,
  );
  const rows = [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const { kind, state, badStep } = first;
    return [{ kind, state, ids: group.map(({ id }) => id), isBad: badStep !== null }];
  });
  const concerns = present.flatMap(({ kind, id, state, badStep }) =>
    badStep && kind !== 'trade'
      ? [`The ${kind} ${id} is ${state}: ${stepText(evidence, badStep)}.`]
      : [],
  );
  return { areNewest, rows, concerns };
}

function readPresent(evidence: Evidence, history: readonly LoggedEvent[]): Present[] {
  const last = history.at(-1);
  const state = last && valueAt(last.record, 'state');
  if (!last || typeof state !== 'string') return [];
  const { kind, id } = last.leaf;
  return [{ kind, id, state, badStep: findBadStep(evidence, history, kind) }];
}

/**
 * The step that brought a record into the bad state that it still is in. A licence whose deletion was
 * attested is looked at as it was before: the attestation says nothing of why it ended.
 */
function findBadStep(
  evidence: Evidence,
  history: readonly LoggedEvent[],
  kind: string,
): LoggedEvent | null {
  const stateOf = ({ record }: LoggedEvent): unknown => valueAt(record, 'state');
  const ended = history.filter((event) => stateOf(event) !== 'DELETION_ATTESTED');
  const last = ended.at(-1);
  if (!last || !badStates[kind]?.includes(String(stateOf(last)))) return null;
  const state = stateOf(last);
  const entered = ended.findLast((event, at) => {
    const before = ended[at - 1];
    return stateOf(event) === state && (before === undefined || stateOf(before) !== state);
  });
  // Who changes its key has the old one revoked by the same step: nothing was wrong with it.
  const isRotation = kind === 'key' && causeOf(evidence, last)?.rule.name === 'identity.rotate-key';
  return isRotation ? null : (entered ?? last);
}
