/** A market in full swing: its genesis holds the parties, a listed product each, and licences. */
import { utf8 } from '../src/base/bytes.ts';
import { toCbor } from '../src/base/codec.ts';
import { sha256 } from '../src/base/hash.ts';
import type { Ledger, Operation } from '../src/base/room.ts';
import type { Static, TObject } from '../src/base/schema.ts';
import type { Genesis } from '../src/chain/machine/genesis.ts';
import type { MachineParts } from '../src/chain/machine/parts.ts';
import { exchangeParts } from '../src/chain/rooms.ts';
import { signEnvelope, type EnvelopeOperation } from '../src/chain/tx/envelope.ts';
import { signingKeyFromSeed } from '../src/chain/tx/signature.ts';
import type { SigningKey } from '../src/chain/tx/signing-key.ts';
import { keyRecord, organisationRecord } from '../src/identity/state.ts';
import { draft } from '../src/listing/draft.ts';
import { listingRecord } from '../src/listing/state.ts';
import { defaultParameters, makeGenesis } from '../src/node/make-genesis.ts';
import { proofVerifierOf } from '../src/node/verification-keys.ts';
import { submit } from '../src/rights/submit.ts';
import { registrationRecord } from '../src/rights/state.ts';
import { request } from '../src/trading/negotiation/request.ts';
import { use } from '../src/trading/licence/use.ts';
import { licenceRecord } from '../src/trading/state.ts';
import {
  digestOf,
  fileTerms,
  listing,
  priceFen,
  registration,
} from '../test/trading/sample-product.ts';

const chainId = 'dxl-bench';

/** Sellers, and as many buyers, each of whom has a licence of one of them. */
export const partiesOfAKind = 128;

const keyOf = (name: string): SigningKey => signingKeyFromSeed(sha256(utf8(`bench ${name}`)));

export const blockSigner = keyOf('block signer');

const each = <Item>(make: (at: number) => Item): Item[] =>
  Array.from({ length: partiesOfAKind }, (_, at) => make(at));

export async function marketGenesis(): Promise<Genesis> {
  const made = await makeGenesis({
    chainId,
    mode: 'development',
    timeMs: Date.now(),
    rules: 'default-cn',
    blockSigner: blockSigner.publicKey,
    operator: {
      organisationId: 'operator',
      name: 'Operator',
      creditCode: '91310000MA1FL00001',
      jurisdiction: 'CN',
      publicKey: keyOf('operator').publicKey,
      encryptionKey: '11'.repeat(32),
    },
  });
  // More of each key's envelopes may be on their way than a client of one key would send.
  const parameters = { ...defaultParameters, sequenceWindow: 256, blockEnvelopesMax: 4_000 };
  return { ...made, parameters };
}

/** The rooms with their real rules; only what stands at the beginning is put there at once. */
export const marketParts: MachineParts = {
  ...exchangeParts,
  begin: (ledger, genesis) => {
    exchangeParts.begin(ledger, genesis);
    admit(ledger, 'bank', 'BANK');
    each((at) => {
      admit(ledger, `seller-${at}`, 'SELLER');
      admit(ledger, `buyer-${at}`, 'BUYER');
      offer(ledger, at);
    });
  },
  verifyProof: proofVerifierOf(new Map()),
};

function admit(ledger: Ledger, id: string, role: 'SELLER' | 'BUYER' | 'BANK'): void {
  const { keyId, publicKey } = keyOf(id);
  const atMs = ledger.timeMs;
  ledger.write(
    organisationRecord,
    {
      id,
      state: 'ACTIVE',
      name: id,
      creditCode: '91310000MA1FL00001',
      jurisdiction: 'CN',
      beneficialOwner: null,
      encryptionKey: keyId,
      roles: [role],
      admittedAtMs: atMs,
      changedAtMs: atMs,
    },
    'identity.admitted',
  );
  ledger.write(
    keyRecord,
    {
      id: keyId,
      state: 'ACTIVE',
      organisationId: id,
      publicKey,
      roles: [role],
      addedAtMs: atMs,
      revokedAtMs: null,
    },
    'identity.key-added',
  );
}

function offer(ledger: Ledger, at: number): void {
  const seller = `seller-${at}`;
  const [registrationId, listingId] = [`registration-${at}`, `listing-${at}`];
  ledger.write(
    registrationRecord,
    { ...registration, id: registrationId, applicant: seller },
    'rights.certified',
  );
  ledger.write(
    listingRecord,
    { ...listing, id: listingId, seller, registrationId },
    'listing.listed',
  );
  ledger.write(
    licenceRecord,
    {
      id: `licence-${at}`,
      state: 'ACTIVE',
      tradeId: `licence-${at}`,
      purpose: 'DELIVERY',
      licensor: seller,
      licensee: `buyer-${at}`,
      listingId,
      revisionRoot: listing.revisionRoot,
      registrationId,
      terms: { ...fileTerms, usesMax: null },
      compute: null,
      uses: 0,
      nextNonce: 0,
      issuedAtMs: ledger.timeMs,
      activatedAtMs: ledger.timeMs,
      validUntilMs: ledger.timeMs + 365 * 86_400_000,
      deletionCommitment: null,
      changedAtMs: ledger.timeMs,
    },
    'licence.activated',
  );
}

const operationOf = <Schema extends TObject>(
  operation: Operation<Schema>,
  command: Static<Schema>,
): EnvelopeOperation => ({ number: operation.number, command: toCbor(operation.command, command) });

/** Only the facts that an application or a draft states. */
function statedIn<Schema extends TObject>(operation: Operation<Schema>, known: object) {
  const names = Object.keys(operation.command.properties);
  return Object.fromEntries(Object.entries(known).filter(([name]) => names.includes(name)));
}

const evidence = (['LAWFUL_ACQUISITION', 'SAMPLE', 'DESCRIPTION'] as const).map((kind) => ({
  kind,
  commitment: digestOf(kind),
}));
const registrationFacts = statedIn(submit, { ...registration, evidence });
const listingFacts = statedIn(draft, listing);

/** One party, whose envelopes are signed one after another. */
class Party {
  readonly #key: SigningKey;
  readonly #act: (turn: number) => EnvelopeOperation;
  #sequence = 0;
  #turn = 0;

  constructor(name: string, act: (turn: number) => EnvelopeOperation) {
    this.#key = keyOf(name);
    this.#act = act;
  }

  /** An envelope of its next `count` operations. */
  next(count: number): Uint8Array {
    this.#sequence += 1;
    const operations = Array.from({ length: count }, () => this.#act(this.#turn++));
    const content = { sequence: this.#sequence, expiryHeight: 100_000, operations };
    return signEnvelope(chainId, this.#key, content);
  }
}

/** By turns: an application for a registration, and a draft of a listing on the one it holds. */
const seller = (at: number): Party =>
  new Party(`seller-${at}`, (turn) =>
    turn % 2 === 0
      ? operationOf(submit, {
          ...registrationFacts,
          registrationId: `registration-${at}-${turn}`,
        } as Static<typeof submit.command>)
      : operationOf(draft, {
          ...listingFacts,
          listingId: `listing-${at}-${turn}`,
          registrationId: `registration-${at}`,
        } as Static<typeof draft.command>),
  );

/** An order for a licence, then two metered uses of the one it has. */
const buyer = (at: number): Party => {
  let nonce = 0;
  return new Party(`buyer-${at}`, (turn) =>
    turn % 3 === 0
      ? operationOf(request, {
          tradeId: `trade-${at}-${turn}`,
          purpose: 'DELIVERY',
          listingId: `listing-${(at + turn) % partiesOfAKind}`,
          listingRevision: listing.revision,
          priceFen,
          terms: fileTerms,
          bank: 'bank',
        })
      : operationOf(use, {
          licenceId: `licence-${at}`,
          permission: 'USE',
          count: 1,
          nonce: nonce++,
        }),
  );
};

export interface Market {
  /** Signed envelopes, of all parties by turns: a seller's to three of buyers. */
  envelopes(count: number, operations: number): Uint8Array[];
}

/** Of `operations`, 1/8 are registrations, 1/8 listings, 1/4 orders and 1/2 metered uses. */
export function openMarket(): Market {
  const sellers = each(seller);
  const buyers = each(buyer);
  let turn = 0;
  return {
    envelopes: (count, operations) =>
      Array.from({ length: count }, () => {
        const kind = turn % 4 === 0 ? sellers : buyers;
        turn += 1;
        const party = kind[(turn * 7) % partiesOfAKind];
        if (!party) throw new Error('a party for every turn');
        return party.next(operations);
      }),
  };
}
