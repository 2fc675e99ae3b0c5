import { eventsOf, causeOf, type Evidence, type LoggedEvent } from './evidence.ts';
import { sameValue, valueAt } from './paths.ts';
import { recordKinds } from '../proof/records.ts';
import { alwaysChanging, changesOf } from './rules/changes.ts';
import { eventRules, sharedKinds } from './rules/events.ts';
import type { Cause, EventRule } from './rules/rule.ts';

/** What is wrong with the steps of all records of these kinds, in log order. */
export function checkSteps(evidence: Evidence, kinds: readonly string[]): string[] {
  const problems: string[] = [];
  for (const kind of kinds) {
    const record = recordKinds.get(kind);
    const before = new Map<string, unknown>();
    for (const event of record ? eventsOf(evidence, record) : []) {
      const problem = findFault(evidence, event, before.get(event.leaf.id));
      if (problem !== null) {
        problems.push(`${event.leaf.name} of ${kind} ${event.leaf.id}: ${problem}`);
      }
      before.set(event.leaf.id, event.record);
    }
  }
  return problems;
}

function findFault(evidence: Evidence, event: LoggedEvent, before: unknown): string | null {
  const rule = eventRules.get(event.leaf.name);
  if (rule?.kind !== event.leaf.kind) return 'no such event of this kind of record';
  const cause = causeIn(evidence, event);
  if (cause === null || !rule.by.includes(cause))
    return `it is not caused by ${cause ?? 'nothing'}`;
  if (sharedKinds.includes(rule.kind)) return null;
  if (before === undefined) {
    return rule.from.length === 0
      ? stateFault(rule, undefined, event.record)
      : 'what came before is left out';
  }
  if (rule.from.length === 0) return 'the record was there before';
  return stateFault(rule, before, event.record) ?? frameFault(rule, before, event);
}

function causeIn(evidence: Evidence, event: LoggedEvent): Cause | null {
  if (event.leaf.envelopeId !== null) return causeOf(evidence, event)?.rule.number ?? null;
  return event.leaf.height === 0 ? 'genesis' : 'deadline';
}

function stateFault(rule: EventRule, before: unknown, after: unknown): string | null {
  const [was, is] = [valueAt(before, 'state'), valueAt(after, 'state')];
  const lawfulBefore =
    rule.from.length === 0 || rule.from.includes('*') || rule.from.includes(String(was));
  if (!lawfulBefore) return `no lawful step from ${String(was)}`;
  if (rule.to.length === 0) return null;
  const lawfulAfter = rule.to.includes('=') ? was === is : rule.to.includes(String(is));
  return lawfulAfter ? null : `no lawful step from ${String(was)} to ${String(is)}`;
}

function frameFault(
  rule: EventRule,
  before: unknown,
  { record: after, link }: LoggedEvent,
): string | null {
  const may = [...alwaysChanging, ...changesOf(rule.name, link !== null)];
  const changed = Object.keys(after as object).find(
    (name) => !may.includes(name) && !sameValue(valueAt(before, name), valueAt(after, name)),
  );
  return changed === undefined ? null : `it may not change ${changed}`;
}
