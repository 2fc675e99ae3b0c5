import { fromBase64url } from '../../base/base64url.ts';
import { fromHex } from '../../base/bytes.ts';
import { OperationalError } from '../../base/operational-error.ts';
import { decodeHeader, noSigner, type Header } from '../../chain/machine/header.ts';
import type { ExchangeClient } from '../exchange-client.ts';
import type { EventView } from '../views.ts';
import type { DossierSource } from './source.ts';

const pageMax = 200;

/** An exchange's public API as the source of a dossier; nothing of it needs a key. */
export const apiSource = (client: ExchangeClient): DossierSource => ({
  genesis: async () => bytesOf((await client.genesis()).genesisBytes),
  async eventsOf(kind, recordId, minHeight) {
    const events: EventView[] = [];
    for (let after: number | undefined; ;) {
      const page = await client.events({ kind, recordId, minHeight, after, limit: pageMax });
      events.push(...page.data);
      if (page.next === null) return events;
      after = page.next;
    }
  },
  async transaction(id) {
    const { envelope, receipt } = await client.transaction(id);
    const logIndexes = [receipt.logIndex];
    for (let after = receipt.logIndex; ;) {
      const page = await client.events({ after, limit: pageMax });
      const own = page.data.filter(({ envelopeId }) => envelopeId === id);
      logIndexes.push(...own.map(({ logIndex }) => logIndex));
      if (own.length < page.data.length || page.next === null) break;
      after = page.next;
    }
    return { envelope: bytesOf(envelope), logIndexes };
  },
  async proofs(wanted) {
    const { checkpoint, leaves, state } = await client.prove(wanted);
    const header = headerOf(bytesOf(checkpoint.header));
    if (header.signer === noSigner && 'signature' in checkpoint) throw noCommit(header.height);
    return {
      checkpoint,
      header,
      leaves: leaves.map(({ logIndex, leaf, hashes }) => ({
        logIndex,
        leaf: bytesOf(leaf),
        proof: hashes.map(fromHex),
      })),
      state: state.map(({ key, value, proof }) => ({
        key,
        value: value === null ? null : bytesOf(value),
        proof: bytesOf(proof),
      })),
    };
  },
  verificationKey: async (circuitId) => (await client.verificationKey(circuitId)).verificationKey,
});

function bytesOf(text: string): Uint8Array {
  const bytes = fromBase64url(text);
  if (bytes) return bytes;
  throw wrongAnswer('not base64url');
}

function headerOf(bytes: Uint8Array): Header {
  try {
    return decodeHeader(bytes);
  } catch (cause) {
    throw wrongAnswer('no block header', cause);
  }
}

const noCommit = (height: number): OperationalError =>
  new OperationalError(
    'DOSSIER_COMMIT_MISSING',
    `Validators sealed block ${height}, and the exchange shows none of their signatures. ` +
      'Ask a node that runs beside CometBFT.',
  );

const wrongAnswer = (what: string, cause?: unknown): OperationalError =>
  new OperationalError(
    'EXCHANGE_ANSWER',
    `The exchange answered something that is ${what}. Check that the address is an exchange.`,
    { cause },
  );
