/** Organisations live on: names, owners and roles change, sealing keys too, and lost keys are recovered. */
import { expect } from 'chai';
import { toHex } from '../../src/base/bytes.ts';
import type { Actor } from '../../src/base/room.ts';
import type { Role } from '../../src/base/roles.ts';
import { signingKeyFromSeed } from '../../src/chain/tx/signature.ts';
import type { SigningKey } from '../../src/chain/tx/signing-key.ts';
import { admit } from '../../src/identity/admit.ts';
import { changeSealingKey } from '../../src/identity/change-sealing-key.ts';
import { refuseRecovery, withdrawRecovery } from '../../src/identity/end-recovery.ts';
import { possessionClaim } from '../../src/identity/possession.ts';
import { proposeRecovery } from '../../src/identity/propose-recovery.ts';
import { restate } from '../../src/identity/restate.ts';
import { identityResults as results } from '../../src/identity/results.ts';
import { identityRoom } from '../../src/identity/room.ts';
import { rotateKey } from '../../src/identity/rotate-key.ts';
import {
  areRelated,
  keyRecord,
  organisationRecord,
  recoveryRecord,
} from '../../src/identity/state.ts';
import { creditCodeOf } from '../support/credit-code.ts';
import { memoryLedger, type MemoryLedger } from '../support/ledger.ts';

const chainId = 'dxl-test';
const keyOf = (number: number): SigningKey => signingKeyFromSeed(new Uint8Array(32).fill(number));
const claimOf = (key: SigningKey, organisationId: string) => ({
  publicKey: key.publicKey,
  possession: toHex(key.sign(possessionClaim(chainId, organisationId, key.publicKey))),
});

const [firstKey, newKey, otherKey] = [keyOf(1), keyOf(2), keyOf(3)];
const organisationId = 'seller-a';
const held: Role[] = ['ADMIN', 'SELLER'];
const reason = 'Extract of the register of 2026-11-30';
const evidence = 'a'.repeat(64);
const sealingKey = '5'.repeat(64);

/** An operator, a regulator, and seller-a with one key. */
function begin(): {
  ledger: MemoryLedger;
  operator: Actor;
  regulator: Actor;
  seller: Actor;
} {
  const ledger = memoryLedger({ chainId, rooms: [identityRoom] });
  ledger.machineVersion = 2;
  const operator = ledger.admit('operator', ['ADMIN', 'OPERATOR']);
  const regulator = ledger.admit('bureau', ['REGULATOR']);
  ledger.accept(admit, operator, {
    ...{ organisationId, name: 'Airfield Data', creditCode: creditCodeOf(organisationId) },
    ...{ jurisdiction: 'CN', beneficialOwner: null, encryptionKey: 'e'.repeat(64), roles: held },
    ...claimOf(firstKey, organisationId),
  });
  const seller = { organisationId, keyId: firstKey.keyId, roles: held };
  return { ledger, operator, regulator, seller };
}

const facts = { organisationId, name: 'Airfield Data', beneficialOwner: null, roles: held, reason };

describe('identity: an organisation is stated anew', () => {
  const rows = [
    { what: 'its name', change: { name: '机场数据' } },
    { what: 'its owner', change: { beneficialOwner: 'Field Holding' } },
    { what: 'a role that comes', change: { roles: ['ADMIN', 'SELLER', 'BUYER'] as Role[] } },
    { what: 'a role that goes', change: { roles: ['ADMIN'] as Role[] } },
  ];
  for (const { what, change } of rows) {
    it(`with ${what}, by the operator`, () => {
      const { ledger, operator } = begin();
      const before = ledger.get(organisationRecord, organisationId);
      ledger.accept(restate, operator, { ...facts, ...change });
      expect(ledger.get(organisationRecord, organisationId)).to.deep.equal({
        ...before,
        ...change,
        changedAtMs: ledger.timeMs,
      });
      expect(ledger.eventNames.at(-1)).to.equal('identity.restated');
    });
  }

  it('counts from then on: who has one owner is related', () => {
    const { ledger, operator } = begin();
    const related = () => areRelated(ledger, organisationId, 'bureau');
    expect(related()).to.equal(false);
    const bureau = ledger.get(organisationRecord, 'bureau');
    const owned = { beneficialOwner: 'Field Holding', reason };
    ledger.accept(restate, operator, { ...facts, ...owned });
    const { name, roles } = bureau;
    ledger.accept(restate, operator, { organisationId: 'bureau', name, roles, ...owned });
    expect(related()).to.equal(true);
  });

  it('is refused where nothing changes, nobody has the id, or roles do not go together', () => {
    const { ledger, operator } = begin();
    const reordered = { ...facts, roles: [...held].reverse() };
    for (const same of [facts, reordered]) {
      ledger.refuse(results.ORGANISATION_UNCHANGED, restate, operator, same);
    }
    const nobody = { ...facts, organisationId: 'nobody' };
    ledger.refuse(results.ORGANISATION_NOT_FOUND, restate, operator, nobody);
    const table: [Role[], keyof typeof results][] = [
      [['SELLER', 'REVIEWER'], 'ROLES_CONFLICT'],
      [['SELLER', 'SELLER'], 'ROLES_REPEATED'],
      [['SELLER', 'OPERATOR'], 'ROLE_RESERVED'],
    ];
    for (const [roles, result] of table) {
      ledger.refuse(results[result], restate, operator, { ...facts, roles });
    }
  });

  it('leaves the operator its office: name and owner may change, roles not', () => {
    const { ledger, operator } = begin();
    const { name, roles } = ledger.get(organisationRecord, 'operator');
    const own = { organisationId: 'operator', name, beneficialOwner: 'The city', roles, reason };
    const fewer = { ...own, roles: ['ADMIN'] as Role[] };
    ledger.refuse(results.OPERATOR_STANDING, restate, operator, fewer);
    ledger.accept(restate, operator, own);
  });
});

describe('identity: the sealing key', () => {
  it('is changed by the organisation itself, in one envelope with its signing key where it likes', () => {
    const { ledger, seller } = begin();
    ledger.accept(changeSealingKey, seller, { encryptionKey: sealingKey });
    ledger.accept(rotateKey, seller, claimOf(newKey, organisationId));
    expect(ledger.get(organisationRecord, organisationId).encryptionKey).to.equal(sealingKey);
    expect(ledger.get(keyRecord, newKey.keyId).state).to.equal('ACTIVE');
  });

  it('is refused where it is the present one', () => {
    const { ledger, seller } = begin();
    const same = { encryptionKey: 'e'.repeat(64) };
    ledger.refuse(results.ORGANISATION_UNCHANGED, changeSealingKey, seller, same);
  });
});

describe('identity: recovery of lost keys', () => {
  const wish = {
    ...{ recoveryId: newKey.keyId, organisationId, encryptionKey: sealingKey, evidence, reason },
    ...claimOf(newKey, organisationId),
  };
  const stateOf = (ledger: MemoryLedger) => ledger.get(recoveryRecord, newKey.keyId).state;
  const publicUntilMs = (ledger: MemoryLedger): number =>
    ledger.get(recoveryRecord, newKey.keyId).publicUntilMs;

  it('adds the new key with all roles when its publicity has passed, and not before', () => {
    const { ledger, operator } = begin();
    ledger.accept(proposeRecovery, operator, wish);
    const dueMs = publicUntilMs(ledger);
    expect(dueMs).to.be.above(ledger.timeMs);
    ledger.advanceTo(dueMs - 1);
    expect(ledger.read(keyRecord, newKey.keyId)).to.equal(null);
    ledger.advanceTo(dueMs);
    expect(stateOf(ledger)).to.equal('DONE');
    expect(ledger.get(keyRecord, newKey.keyId)).to.deep.include({ state: 'ACTIVE', roles: held });
    expect(ledger.get(organisationRecord, organisationId).encryptionKey).to.equal(sealingKey);
    expect(ledger.eventNames.slice(-3)).to.deep.equal([
      ...['identity.key-added', 'identity.sealing-key-changed', 'identity.recovered'],
    ]);
  });

  it('leaves the sealing key where none is named', () => {
    const { ledger, operator } = begin();
    ledger.accept(proposeRecovery, operator, { ...wish, encryptionKey: null });
    ledger.advanceTo(publicUntilMs(ledger));
    expect(stateOf(ledger)).to.equal('DONE');
    expect(ledger.get(organisationRecord, organisationId).encryptionKey).to.equal('e'.repeat(64));
  });

  const ends = [
    { by: 'seller', operation: refuseRecovery, state: 'REFUSED' },
    { by: 'regulator', operation: refuseRecovery, state: 'REFUSED' },
    { by: 'operator', operation: withdrawRecovery, state: 'WITHDRAWN' },
  ] as const;
  for (const { by, operation, state } of ends) {
    it(`ends as ${state} by the ${by}, and no key comes of it`, () => {
      const all = begin();
      const { ledger, operator } = all;
      ledger.accept(proposeRecovery, operator, wish);
      const dueMs = publicUntilMs(ledger);
      const why = { recoveryId: newKey.keyId, reason };
      ledger.accept(operation, all[by], why);
      ledger.advanceTo(dueMs + 1);
      expect(stateOf(ledger)).to.equal(state);
      expect(ledger.read(keyRecord, newKey.keyId)).to.equal(null);
      ledger.refuse(results.RECOVERY_NOT_OPEN, operation, all[by], why);
    });
  }

  it('lapses where the key was registered by another way', () => {
    const { ledger, operator, seller } = begin();
    ledger.accept(proposeRecovery, operator, wish);
    ledger.accept(rotateKey, seller, claimOf(newKey, organisationId));
    ledger.advanceTo(publicUntilMs(ledger));
    expect(stateOf(ledger)).to.equal('LAPSED');
  });

  it('is refused to others, twice, for nobody, for the operator, and without the key', () => {
    const { ledger, operator } = begin();
    ledger.accept(proposeRecovery, operator, wish);
    const buyer = ledger.admit('buyer-a', ['BUYER']);
    const why = { recoveryId: newKey.keyId, reason };
    ledger.refuse(results.RECOVERY_OF_ANOTHER, refuseRecovery, buyer, why);
    ledger.refuse(results.RECOVERY_EXISTS, proposeRecovery, operator, wish);
    const second = { ...wish, recoveryId: otherKey.keyId, ...claimOf(otherKey, organisationId) };
    const first = { recoveryId: firstKey.keyId, ...claimOf(firstKey, organisationId) };
    const rows: [object, keyof typeof results][] = [
      [{ recoveryId: firstKey.keyId }, 'RECOVERY_MISNAMED'],
      [{ organisationId: 'nobody' }, 'ORGANISATION_NOT_FOUND'],
      [{ organisationId: 'operator' }, 'OPERATOR_STANDING'],
      [first, 'KEY_EXISTS'],
      [claimOf(otherKey, 'seller-b'), 'KEY_NOT_POSSESSED'],
    ];
    for (const [change, result] of rows) {
      ledger.refuse(results[result], proposeRecovery, operator, { ...second, ...change });
    }
    for (const operation of [refuseRecovery, withdrawRecovery]) {
      const unknown = { recoveryId: otherKey.keyId, reason };
      ledger.refuse(results.RECOVERY_NOT_FOUND, operation, operator, unknown);
    }
  });
});
