/** A ledger with the rights room and its parties, and an application that fits. */
import type { Actor } from '../../src/base/room.ts';
import { accept } from '../../src/rights/accept.ts';
import { certify } from '../../src/rights/certify.ts';
import { object } from '../../src/rights/object.ts';
import { openPublicity } from '../../src/rights/publicity.ts';
import { beginReview } from '../../src/rights/review.ts';
import { rightsRoom } from '../../src/rights/room.ts';
import type { Registration, RegistrationFacts } from '../../src/rights/schema.ts';
import { registrationRecord } from '../../src/rights/state.ts';
import { submit } from '../../src/rights/submit.ts';
import { memoryLedger, type MemoryLedger, type MemoryLedgerOptions } from '../support/ledger.ts';

export const digestOf = (digit: string): string => digit.repeat(64);

export const facts: RegistrationFacts = {
  name: 'Bird strikes',
  overview: 'Reports of aircraft that struck birds',
  industry: 'G56',
  source: 'COLLECTED',
  origin: 'OWN_COLLECTION',
  region: 'US',
  coverageFrom: '1990-01-01',
  coverageTo: '2002-12-31',
  updateFrequency: 'ONCE',
  volumeRows: 10_000,
  form: 'TABLE',
  restrictions: null,
  rights: { hold: true, use: true, operate: true },
  fingerprint: {
    rows: 10_000,
    columns: 14,
    contentCommitment: digestOf('a'),
    rowsRoot: digestOf('b'),
  },
  evidence: [
    { kind: 'LAWFUL_ACQUISITION', commitment: digestOf('1') },
    { kind: 'SAMPLE', commitment: digestOf('2') },
    { kind: 'DESCRIPTION', commitment: digestOf('3') },
  ],
  parentRegistrationId: null,
};

export interface Rights {
  readonly ledger: MemoryLedger;
  readonly seller: Actor;
  readonly registrar: Actor;
  readonly otherRegistrar: Actor;
  readonly stranger: Actor;
  registration(id?: string): Registration;
}

export const registrationId = 'reg-1';
export const objectionId = 'objection-1';

export function rightsLedger(options: MemoryLedgerOptions = {}): Rights {
  const ledger = memoryLedger({ rooms: [rightsRoom], ...options });
  return {
    ledger,
    seller: ledger.admit('seller-a', ['SELLER']),
    registrar: ledger.admit('registrar-a', ['REGISTRAR']),
    otherRegistrar: ledger.admit('registrar-b', ['REGISTRAR']),
    stranger: ledger.admit('stranger-a', ['BUYER']),
    registration: (id = registrationId) => ledger.get(registrationRecord, id),
  };
}

/** The way to each state that operations lead to, from the one before it. */
const steps = ['SUBMITTED', 'ACCEPTED', 'UNDER_REVIEW', 'PUBLICITY'] as const;
type Reached = (typeof steps)[number] | 'OBJECTED' | 'PUBLICITY_CLOSED' | 'ACTIVE';

export const objection = {
  objectionId,
  registrationId,
  ground: 'RIGHTS_OF_ANOTHER',
  statementCommitment: digestOf('c'),
} as const;

/** Drives the registration to a state through its operations and deadlines. */
export function driveTo(rights: Rights, state: Reached): void {
  const { ledger, seller, registrar, stranger } = rights;
  const moves: Record<(typeof steps)[number], () => void> = {
    SUBMITTED: () => ledger.accept(submit, seller, { registrationId, ...facts }),
    ACCEPTED: () => ledger.accept(accept, registrar, { registrationId }),
    UNDER_REVIEW: () => ledger.accept(beginReview, registrar, { registrationId }),
    PUBLICITY: () => ledger.accept(openPublicity, registrar, { registrationId }),
  };
  for (const step of steps) {
    moves[step]();
    if (step === state) return;
  }
  if (state === 'OBJECTED') {
    ledger.accept(object, stranger, objection);
    return;
  }
  ledger.advanceTo(rights.registration().dueAtMs ?? 0);
  if (state === 'ACTIVE')
    ledger.accept(certify, registrar, { registrationId, registrarCode: '110' });
}
