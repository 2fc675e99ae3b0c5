import { assert } from '../base/assert.ts';
import type { Ledger } from '../base/room.ts';
import { objectionRecord, readObjection, readRegistration, registrationRecord } from './state.ts';

/** A registration whose time has become a later one; its publicity’s end with it, where that runs. */
export function putOffRegistration(ledger: Ledger, id: string, dueAtMs: number): void {
  const registration = readRegistration(ledger, id);
  assert(registration, 'a deadline is about a registration');
  const { state, publicityEndsAtMs: before } = registration;
  const publicityEndsAtMs = state === 'PUBLICITY' ? dueAtMs : before;
  ledger.write(
    registrationRecord,
    { ...registration, dueAtMs, publicityEndsAtMs },
    'rights.deadline-put-off',
  );
}

export function putOffObjection(ledger: Ledger, id: string, dueAtMs: number): void {
  const objection = readObjection(ledger, id);
  assert(objection, 'a deadline is about an objection');
  ledger.write(objectionRecord, { ...objection, dueAtMs }, 'rights.objection-put-off');
}
