import { originRights } from '../../src/rights/origin-rights.ts';
import { rightsResults as results } from '../../src/rights/results.ts';
import { evidenceKinds, type EvidenceKind, type Origin } from '../../src/rights/schema.ts';
import { submit } from '../../src/rights/submit.ts';
import { facts, registrationId, rightsLedger } from './fixture.ts';

const withEvidence = (...kinds: EvidenceKind[]) => [
  ...facts.evidence,
  ...kinds.map((kind) => ({ kind, commitment: 'd'.repeat(64) })),
];

describe('rights: which origin gives which right', () => {
  const expected: Record<Origin, readonly [string, string, string] | null> = {
    OWN_COLLECTION: ['yes', 'yes', 'yes'],
    AUTHORISED_COLLECTION: ['yes', 'yes', 'yes'],
    CRAWLED_PUBLIC: ['yes', 'yes', 'NON_SUBSTITUTION'],
    FUSED: ['yes', 'yes', 'PARTIES_CONSENT'],
    DERIVED: ['yes', 'yes', 'yes'],
    ENTRUSTED: ['CONTRACT_GRANT', 'CONTRACT_GRANT', 'CONTRACT_GRANT'],
    GOVERNMENT: null,
    PUBLIC_DATA_OPERATION: [
      'PUBLIC_DATA_REGISTRATION',
      'PUBLIC_DATA_REGISTRATION',
      'PUBLIC_DATA_REGISTRATION',
    ],
  };

  for (const origin of Object.keys(originRights) as Origin[]) {
    for (const [index, right] of (['hold', 'use', 'operate'] as const).entries()) {
      it(`${origin}: ${right} ${expected[origin]?.[index] ?? 'not registrable'}`, () => {
        const rights = { hold: false, use: false, operate: false, [right]: true };
        const given = expected[origin]?.[index];
        for (const kind of evidenceKinds) {
          const { ledger, seller } = rightsLedger();
          const evidence = withEvidence(
            kind,
            ...(origin === 'DERIVED' ? ['SOURCE_LICENCE' as const] : []),
          );
          const command = { ...facts, registrationId, origin, rights, evidence };
          if (given === undefined) {
            ledger.refuse(results.RIGHTS_NOT_REGISTRABLE, submit, seller, command);
          } else if (given === 'yes' || given === kind) {
            ledger.accept(submit, seller, command);
          } else {
            ledger.refuse(results.RIGHTS_NOT_GRANTED, submit, seller, command);
          }
        }
      });
    }
  }
});
