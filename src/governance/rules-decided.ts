import { assert } from '../base/assert.ts';
import { refuse, success, type Outcome } from '../base/result.ts';
import type { Ledger } from '../base/room.ts';
import type { RulePack } from '../base/rules.ts';
import { governanceResults } from './results.ts';
import { packFault, withYear, yearFault } from './rules-fit.ts';
import type { Proposal, ProposedRules, RulesVersion } from './schema.ts';
import { proposedRulesRecord, rulesId, rulesVersionRecord } from './state.ts';

type Reader = Pick<Ledger, 'read' | 'rules'>;

/** The newest rules that are decided, which may hold from a later height only. */
export function latestRules(ledger: Reader): Pick<RulesVersion, 'number' | 'fromHeight' | 'pack'> {
  let latest = null;
  let number = 1;
  for (;;) {
    const next = ledger.read(rulesVersionRecord, rulesId(number + 1));
    if (!next) return latest ?? { number: 1, fromHeight: 0, pack: ledger.rules };
    latest = next;
    number += 1;
  }
}

/** Refuses with RULES_UNFIT what cannot follow on the newest rules that are decided. */
export function checkRules(ledger: Reader, { pack, year }: Omit<ProposedRules, 'id'>): Outcome {
  const latest = latestRules(ledger).pack;
  const fault =
    (pack && packFault(pack, latest)) ?? (year && yearFault(year, latest.calendar)) ?? null;
  return fault === null ? success : refuse(governanceResults.RULES_UNFIT, fault);
}

/** As it was proposed; it is there for every proposal of rules. */
export function proposedRules(ledger: Reader, id: string): ProposedRules {
  const proposed = ledger.read(proposedRulesRecord, id);
  assert(proposed, 'a proposal of rules has its document');
  return proposed;
}

const packOf = ({ pack, year }: ProposedRules, latest: RulePack): RulePack =>
  pack ?? (year ? { ...latest, calendar: withYear(latest.calendar, year) } : latest);

/** The caller has found the height, which is above that of the rules before. */
export function writeRules(ledger: Ledger, { id, kind }: Proposal, fromHeight: number): void {
  const latest = latestRules(ledger);
  const number = latest.number + 1;
  ledger.write(
    rulesVersionRecord,
    {
      id: rulesId(number),
      ...{ number, fromHeight, kind },
      proposalId: id,
      adoptedAtMs: ledger.timeMs,
      pack: packOf(proposedRules(ledger, id), latest.pack),
    },
    'governance.rules-decided',
  );
}
