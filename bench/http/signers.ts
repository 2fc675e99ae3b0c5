/** Organisations with a key each, and the envelopes that they sign. */
import { toHex, utf8 } from '../../src/base/bytes.ts';
import { toCbor } from '../../src/base/codec.ts';
import { sha256 } from '../../src/base/hash.ts';
import { signEnvelope, type EnvelopeOperation } from '../../src/chain/tx/envelope.ts';
import { signingKeyFromSeed } from '../../src/chain/tx/signature.ts';
import type { SigningKey } from '../../src/chain/tx/signing-key.ts';
import { admit } from '../../src/identity/admit.ts';
import { possessionClaim } from '../../src/identity/possession.ts';
import { submit } from '../../src/rights/submit.ts';
import type { Static } from '../../src/base/schema.ts';
import { creditCodeOf } from '../../test/support/credit-code.ts';

const hashOf = (name: string): string => toHex(sha256(utf8(name)));

interface Signer {
  readonly organisationId: string;
  readonly key: SigningKey;
  sequence: number;
}

/** Each envelope is signed once; who signs next is whoever has waited longest. */
export class Signers {
  readonly #chainId: string;
  readonly #expiryHeight: number;
  readonly #signers: readonly Signer[];
  #signed = 0;

  constructor(chainId: string, expiryHeight: number, count: number) {
    this.#chainId = chainId;
    this.#expiryHeight = expiryHeight;
    this.#signers = Array.from({ length: count }, (_, at) => ({
      organisationId: `bench-${at}`,
      key: signingKeyFromSeed(sha256(utf8(`bench organisation ${at}`))),
      sequence: 0,
    }));
  }

  /** One envelope for each organisation, by the operator. */
  admissions(operator: SigningKey, firstSequence: number): Uint8Array[] {
    return this.#signers.map(({ organisationId, key }, at) =>
      signEnvelope(this.#chainId, operator, {
        sequence: firstSequence + at,
        expiryHeight: this.#expiryHeight,
        operations: [
          {
            number: admit.number,
            command: toCbor(admit.command, {
              organisationId,
              name: organisationId,
              creditCode: creditCodeOf(organisationId),
              jurisdiction: 'CN',
              beneficialOwner: null,
              encryptionKey: hashOf(organisationId),
              roles: ['SELLER'],
              publicKey: key.publicKey,
              possession: toHex(
                key.sign(possessionClaim(this.#chainId, organisationId, key.publicKey)),
              ),
            }),
          },
        ],
      }),
    );
  }

  /** Applications for registration, one operation each: any order of them is in order. */
  sign(count: number): Uint8Array[] {
    return Array.from({ length: count }, () => {
      const signer = this.#signers[this.#signed % this.#signers.length]!;
      this.#signed += 1;
      signer.sequence += 1;
      return signEnvelope(this.#chainId, signer.key, {
        sequence: signer.sequence,
        expiryHeight: this.#expiryHeight,
        operations: [registration(`${signer.organisationId}-${signer.sequence}`)],
      });
    });
  }
}

function registration(registrationId: string): EnvelopeOperation {
  const command: Static<typeof submit.command> = {
    registrationId,
    name: 'Wildlife strikes',
    overview: 'Strikes of aircraft by wildlife, one row each.',
    industry: 'G56',
    source: 'COLLECTED',
    origin: 'OWN_COLLECTION',
    region: 'CN',
    coverageFrom: '2020-01-01',
    coverageTo: '2024-12-31',
    updateFrequency: 'MONTHLY',
    volumeRows: 10_000,
    form: 'TABLE',
    restrictions: null,
    rights: { hold: true, use: true, operate: true },
    fingerprint: {
      rows: 10_000,
      columns: 14,
      contentCommitment: hashOf(`content of ${registrationId}`),
      rowsRoot: hashOf(`rows of ${registrationId}`),
    },
    evidence: (['LAWFUL_ACQUISITION', 'SAMPLE', 'DESCRIPTION'] as const).map((kind) => ({
      kind,
      commitment: hashOf(`${kind} of ${registrationId}`),
    })),
    parentRegistrationId: null,
  };
  return { number: submit.number, command: toCbor(submit.command, command) };
}
