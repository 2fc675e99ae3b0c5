import { expect } from 'chai';
import { keyIdOf } from '../../src/base/key-id.ts';
import type { Actor } from '../../src/base/room.ts';
import { roles, type Role } from '../../src/base/roles.ts';
import { toHex, type Hex } from '../../src/base/bytes.ts';
import { signingKeyFromSeed } from '../../src/chain/tx/signature.ts';
import type { SigningKey } from '../../src/chain/tx/signing-key.ts';
import { addKey } from '../../src/identity/add-key.ts';
import { admit } from '../../src/identity/admit.ts';
import { reinstate, suspend } from '../../src/identity/change-standing.ts';
import { possessionClaim } from '../../src/identity/possession.ts';
import { identityResults as results } from '../../src/identity/results.ts';
import { revokeKey } from '../../src/identity/revoke-key.ts';
import { identityRoom } from '../../src/identity/room.ts';
import { rotateKey } from '../../src/identity/rotate-key.ts';
import { isInGoodStanding, keyRecord, organisationRecord } from '../../src/identity/state.ts';
import { memoryLedger, type MemoryLedger } from '../support/ledger.ts';
import { creditCodeOf } from '../support/credit-code.ts';

const chainId = 'dxl-test';
const keyOf = (number: number): SigningKey => signingKeyFromSeed(new Uint8Array(32).fill(number));

const claimOf = (key: SigningKey, organisationId: string, chain = chainId) => ({
  publicKey: key.publicKey,
  possession: toHex(key.sign(possessionClaim(chain, organisationId, key.publicKey))),
});

const admission = (organisationId: string, key: SigningKey, held: Role[]) => ({
  organisationId,
  name: 'Airfield Data',
  creditCode: creditCodeOf(organisationId),
  jurisdiction: 'CN',
  beneficialOwner: null,
  encryptionKey: 'e'.repeat(64),
  roles: held,
  ...claimOf(key, organisationId),
});

const sellerKey = keyOf(1);
const reason = 'As asked';

/** An operator, and seller-a admitted with roles ADMIN and SELLER. */
function begin(): { ledger: MemoryLedger; operator: Actor; seller: Actor } {
  const ledger = memoryLedger({ chainId, rooms: [identityRoom] });
  const operator = ledger.admit('operator', ['ADMIN', 'OPERATOR']);
  ledger.accept(admit, operator, admission('seller-a', sellerKey, ['ADMIN', 'SELLER']));
  const seller = actorOf(sellerKey, 'seller-a', ['ADMIN', 'SELLER']);
  return { ledger, operator, seller };
}

const actorOf = (key: SigningKey, organisationId: string, held: readonly Role[]): Actor => ({
  organisationId,
  keyId: key.keyId,
  roles: held,
});

describe('identity: admission', () => {
  it('writes the organisation and its first key with all of its roles', () => {
    const { ledger } = begin();
    expect(ledger.get(organisationRecord, 'seller-a')).to.deep.include({
      state: 'ACTIVE',
      roles: ['ADMIN', 'SELLER'],
      admittedAtMs: ledger.timeMs,
    });
    expect(ledger.get(keyRecord, sellerKey.keyId)).to.deep.equal({
      id: keyIdOf(sellerKey.publicKey),
      state: 'ACTIVE',
      organisationId: 'seller-a',
      publicKey: sellerKey.publicKey,
      roles: ['ADMIN', 'SELLER'],
      addedAtMs: ledger.timeMs,
      revokedAtMs: null,
    });
    expect(ledger.eventNames).to.deep.equal([
      'identity.admitted',
      'identity.credit-code-claimed',
      'identity.key-added',
    ]);
  });

  const key = keyOf(2);
  const good = admission('buyer-a', key, ['ADMIN', 'BUYER']);
  const rows: [string, Partial<typeof good>, keyof typeof results][] = [
    ['an id that is taken', { organisationId: 'seller-a' }, 'ORGANISATION_EXISTS'],
    ['a key that is registered', claimOf(sellerKey, 'buyer-a'), 'KEY_EXISTS'],
    ['a role twice', { roles: ['BUYER', 'BUYER'] }, 'ROLES_REPEATED'],
    ['the operator’s role', { roles: ['OPERATOR'] }, 'ROLE_RESERVED'],
    ['a possession for another organisation', claimOf(key, 'buyer-b'), 'KEY_NOT_POSSESSED'],
    ['a possession on another chain', claimOf(key, 'buyer-a', 'other'), 'KEY_NOT_POSSESSED'],
    ['another key’s possession', { publicKey: keyOf(3).publicKey }, 'KEY_NOT_POSSESSED'],
    ['a possession of zeros', { possession: '00'.repeat(64) }, 'KEY_NOT_POSSESSED'],
  ];
  for (const [name, change, result] of rows) {
    it(`refuses ${name}`, () => {
      const { ledger, operator } = begin();
      ledger.refuse(results[result], admit, operator, { ...good, ...change });
    });
  }

  /** Encodings that libsodium and RFC 8032 call unsafe: small order, non-canonical, off curve. */
  const unsound: [string, Hex][] = [
    ['the neutral point', `01${'00'.repeat(31)}`],
    ['zero, of order 4', '00'.repeat(32)],
    ['order 2', `ec${'ff'.repeat(30)}7f`],
    ['order 8', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'],
    ['non-canonical 1', `ee${'ff'.repeat(30)}7f`],
    ['all ones', 'ff'.repeat(32)],
    ['2, not on the curve', `02${'00'.repeat(31)}`],
  ];
  for (const [name, publicKey] of unsound) {
    it(`refuses the public key of ${name}`, () => {
      const { ledger, operator } = begin();
      ledger.refuse(results.KEY_UNSOUND, admit, operator, { ...good, publicKey });
    });
  }

  it('keeps duties apart: whoever trades holds no duty over trades', () => {
    const trading: Role[] = ['SELLER', 'BUYER'];
    const duties: Role[] = ['REGISTRAR', 'REVIEWER', 'APPRAISER', 'BANK', 'WORKER', 'REGULATOR'];
    for (const trade of trading) {
      for (const duty of duties) {
        const { ledger, operator } = begin();
        for (const held of [
          [trade, duty],
          [duty, 'ADMIN' as const, trade],
        ]) {
          ledger.refuse(results.ROLES_CONFLICT, admit, operator, { ...good, roles: held });
        }
        ledger.accept(admit, operator, { ...good, roles: [duty, 'ADMIN'] });
      }
    }
    const { ledger, operator } = begin();
    for (const watched of ['REVIEWER', 'REGISTRAR', 'BANK'] as const) {
      const held: Role[] = ['REGULATOR', watched];
      ledger.refuse(results.ROLES_CONFLICT, admit, operator, { ...good, roles: held });
    }
    ledger.accept(admit, operator, { ...good, roles: ['SELLER', 'BUYER', 'ADMIN'] });
  });
});

describe('identity: keys', () => {
  const key = keyOf(2);

  it('an administrator adds a key with some of the organisation’s roles', () => {
    const { ledger, seller } = begin();
    ledger.accept(addKey, seller, { ...claimOf(key, 'seller-a'), roles: ['SELLER'] });
    expect(ledger.get(keyRecord, key.keyId)).to.deep.include({
      state: 'ACTIVE',
      organisationId: 'seller-a',
      roles: ['SELLER'],
    });
  });

  const good = { ...claimOf(key, 'seller-a'), roles: ['SELLER'] as Role[] };
  const rows: [string, Partial<typeof good>, keyof typeof results][] = [
    ['a role twice', { roles: ['SELLER', 'SELLER'] }, 'ROLES_REPEATED'],
    ['a role the organisation lacks', { roles: ['SELLER', 'BUYER'] }, 'ROLE_NOT_HELD'],
    ['the operator’s role', { roles: ['OPERATOR'] }, 'ROLE_NOT_HELD'],
    ['a registered key', claimOf(sellerKey, 'seller-a'), 'KEY_EXISTS'],
    ['a possession for another', claimOf(key, 'seller-b'), 'KEY_NOT_POSSESSED'],
    ['an unsound key', { publicKey: '00'.repeat(32) }, 'KEY_UNSOUND'],
  ];
  for (const [name, change, result] of rows) {
    it(`adding refuses ${name}`, () => {
      const { ledger, seller } = begin();
      ledger.refuse(results[result], addKey, seller, { ...good, ...change });
    });
  }

  it('rotation replaces the signing key by one with its roles, and revokes it', () => {
    const { ledger, seller } = begin();
    ledger.accept(rotateKey, seller, claimOf(key, 'seller-a'));
    expect(ledger.get(keyRecord, key.keyId)).to.deep.include({
      state: 'ACTIVE',
      roles: ['ADMIN', 'SELLER'],
    });
    expect(ledger.get(keyRecord, sellerKey.keyId)).to.include({
      state: 'REVOKED',
      revokedAtMs: ledger.timeMs,
    });
  });

  it('rotation refuses the same key, an unsound one and one not possessed', () => {
    const { ledger, seller } = begin();
    ledger.refuse(results.KEY_EXISTS, rotateKey, seller, claimOf(sellerKey, 'seller-a'));
    const unsound = { ...claimOf(key, 'seller-a'), publicKey: '00'.repeat(32) };
    ledger.refuse(results.KEY_UNSOUND, rotateKey, seller, unsound);
    ledger.refuse(results.KEY_NOT_POSSESSED, rotateKey, seller, claimOf(key, 'seller-b'));
  });

  it('an administrator revokes another key of its own; the operator anybody’s', () => {
    const { ledger, seller, operator } = begin();
    ledger.accept(addKey, seller, good);
    ledger.accept(revokeKey, seller, { keyId: key.keyId, reason });
    expect(ledger.get(keyRecord, key.keyId).state).to.equal('REVOKED');
    ledger.refuse(results.KEY_EXISTS, addKey, seller, good);
    ledger.accept(revokeKey, operator, { keyId: sellerKey.keyId, reason });
    expect(ledger.get(keyRecord, sellerKey.keyId).state).to.equal('REVOKED');
  });

  it('revoking refuses a key that is unknown, another’s, revoked, or the one that signs', () => {
    const { ledger, seller, operator } = begin();
    const signing = { keyId: sellerKey.keyId, reason };
    ledger.refuse(results.IDENTITY_KEY_NOT_FOUND, revokeKey, seller, {
      keyId: 'f'.repeat(64),
      reason,
    });
    ledger.refuse(results.LAST_ADMIN_KEY, revokeKey, seller, signing);
    ledger.accept(admit, operator, admission('buyer-a', key, ['ADMIN', 'BUYER']));
    ledger.refuse(results.KEY_OF_ANOTHER, revokeKey, seller, { keyId: key.keyId, reason });
    ledger.accept(revokeKey, operator, { keyId: key.keyId, reason });
    ledger.refuse(results.KEY_ALREADY_REVOKED, revokeKey, operator, { keyId: key.keyId, reason });
  });
});

describe('identity: standing', () => {
  const organisationId = 'seller-a';

  it('suspends and reinstates', () => {
    const { ledger, operator } = begin();
    ledger.accept(suspend, operator, { organisationId, reason });
    expect(ledger.get(organisationRecord, organisationId).state).to.equal('SUSPENDED');
    ledger.refuse(results.STANDING_UNCHANGED, suspend, operator, { organisationId, reason });
    ledger.accept(reinstate, operator, { organisationId, reason });
    expect(ledger.get(organisationRecord, organisationId).state).to.equal('ACTIVE');
    ledger.refuse(results.STANDING_UNCHANGED, reinstate, operator, { organisationId, reason });
  });

  it('refuses an unknown organisation and the operator itself', () => {
    const { ledger, operator } = begin();
    for (const operation of [suspend, reinstate]) {
      const unknown = { organisationId: 'nobody', reason };
      ledger.refuse(results.ORGANISATION_NOT_FOUND, operation, operator, unknown);
      const self = { organisationId: 'operator', reason };
      ledger.refuse(results.OPERATOR_STANDING, operation, operator, self);
    }
  });

  it('good standing is that of an admitted organisation that is not suspended', () => {
    const { ledger, operator } = begin();
    const standing = (id: string) =>
      isInGoodStanding({ read: ledger.read.bind(ledger) } as never, id);
    expect(standing(organisationId)).to.equal(true);
    ledger.accept(suspend, operator, { organisationId, reason });
    expect(standing(organisationId)).to.equal(false);
    expect(standing('nobody')).to.equal(false);
  });
});

describe('identity: every operation × every role', () => {
  const commands: Record<string, object> = {
    'identity.admit': admission('buyer-a', keyOf(2), ['BUYER']),
    'identity.add-key': { ...claimOf(keyOf(2), 'seller-a'), roles: ['SELLER'] },
    'identity.rotate-key': claimOf(keyOf(2), 'seller-a'),
    'identity.revoke-key': { keyId: 'f'.repeat(64), reason },
    'identity.suspend': { organisationId: 'nobody', reason },
    'identity.reinstate': { organisationId: 'nobody', reason },
    'identity.restate': {
      ...{ organisationId: 'nobody', name: 'Airfield', beneficialOwner: null },
      ...{ roles: ['SELLER'], reason },
    },
    'identity.change-sealing-key': { encryptionKey: '5'.repeat(64) },
    'identity.propose-recovery': {
      ...{ recoveryId: keyOf(2).keyId, organisationId: 'nobody', encryptionKey: null },
      ...{ evidence: 'a'.repeat(64), reason, ...claimOf(keyOf(2), 'nobody') },
    },
    'identity.refuse-recovery': { recoveryId: keyOf(2).keyId, reason },
    'identity.withdraw-recovery': { recoveryId: keyOf(2).keyId, reason },
  };
  const may: Record<string, readonly Role[]> = {
    'identity.admit': ['OPERATOR'],
    'identity.add-key': ['ADMIN', 'OPERATOR'],
    'identity.rotate-key': roles,
    'identity.revoke-key': ['ADMIN', 'OPERATOR'],
    'identity.suspend': ['OPERATOR'],
    'identity.reinstate': ['OPERATOR'],
    'identity.restate': ['OPERATOR'],
    'identity.change-sealing-key': ['ADMIN', 'OPERATOR'],
    'identity.propose-recovery': ['OPERATOR'],
    'identity.refuse-recovery': roles,
    'identity.withdraw-recovery': ['OPERATOR'],
  };
  for (const operation of identityRoom.operations) {
    for (const role of roles) {
      const allowed = may[operation.name]?.includes(role) ?? false;
      it(`${operation.name} by ${role} is ${allowed ? 'heard' : 'refused'}`, () => {
        const { ledger } = begin();
        const actor = actorOf(sellerKey, 'seller-a', [role]);
        const outcome = ledger.apply(operation, actor, commands[operation.name] as never);
        expect(!outcome.ok && outcome.result.name === 'ROLE_MISSING').to.equal(!allowed);
      });
    }
  }
});
