/** A trade's delivery as its seller and its buyer make it, by what the ledger says of the trade. */
import path from 'node:path';
import { assert } from '../base/assert.ts';
import { OperationalError } from '../base/operational-error.ts';
import { organisationRecord } from '../identity/state.ts';
import { registrationRecord } from '../rights/state.ts';
import type { Trade } from '../trading/schema.ts';
import { tradeRecord } from '../trading/state.ts';
import type { Decrypted } from './delivery/decrypt-parts.ts';
import type { ReceiveDelivery } from './delivery/receive.ts';
import type { SendDelivery, SentDelivery } from './delivery/send.ts';
import type { ExchangeClient, Receipt } from './exchange-client.ts';
import type { Party } from './party.ts';
import { openTable, packTable, registeredOf, type ReceivedTable } from './table-delivery.ts';

export interface Deliver {
  readonly tradeId: string;
  readonly file: string;
  /** What opens the registration of the table, which then travels with it; none: the file alone. */
  readonly opening?: string;
  readonly onProgress?: SendDelivery['onProgress'];
}

/**
 * Encrypts a file for the trade's buyer, keeps it at the exchange, and signs `trading.deliver` with the
 * registered fingerprint. `.NAME.TRADE.dxl-sealed` stands beside the file until that is applied: cut off
 * before, the same call goes on. Throws OperationalError TRADE_NOT_DELIVERING before anything is
 * encrypted, and what packTable, sendDelivery and submit throw.
 */
export async function deliver(
  client: ExchangeClient,
  party: Party,
  { tradeId, file, opening, onProgress }: Deliver,
): Promise<{ readonly sent: SentDelivery; readonly receipt: Receipt }> {
  const trade = await newestTrade(client, tradeId);
  if (trade.state !== 'DELIVERING' || trade.purpose !== 'DELIVERY') {
    throw new OperationalError(
      'TRADE_NOT_DELIVERING',
      `Trade ${tradeId} is ${trade.state}, for ${trade.purpose}: a file is delivered in DELIVERING, ` +
        'for DELIVERY. Begin by trading.start-delivery; nothing was sent.',
    );
  }
  const { encryptionKey } = await client.read(organisationRecord, trade.buyer);
  const { fingerprint } = await client.read(registrationRecord, trade.registrationId);
  const { rowsRoot, contentCommitment } = fingerprint;
  const source =
    opening === undefined
      ? file
      : await packTable(await registeredOf(client, trade), file, opening);
  const receipts: Receipt[] = [];
  const sealedFile = path.join(path.dirname(file), `.${path.basename(file)}.${tradeId}.dxl-sealed`);
  const sent = await client.sendDelivery(party, {
    ...{ tradeId, source, recipient: encryptionKey, sealedFile },
    ...(onProgress ? { onProgress } : {}),
    async onSent(facts) {
      const command = { tradeId, ...facts, rowsRoot, contentCommitment };
      receipts.push(await client.submit(party, [{ name: 'trading.deliver', command }]));
    },
  });
  const [receipt] = receipts;
  assert(receipt, 'what was sent was delivered on the ledger');
  return { sent, receipt };
}

export interface Receive extends Pick<ReceiveDelivery, 'tradeId' | 'target' | 'onProgress'> {
  /** Addresses of other nodes of the chain. */
  readonly peers?: readonly string[];
}

/** As of the node's newest block: what a party has just signed is in it. */
async function newestTrade(client: ExchangeClient, tradeId: string): Promise<Trade> {
  const { height } = await client.status();
  return client.read(tradeRecord, tradeId, { minHeight: height });
}

export interface Received extends Decrypted {
  /** Of a table that came with what opens it; null of a file alone. */
  readonly table: ReceivedTable | null;
}

/**
 * Fetches and opens what the trade names, and checks a table that came with what opens it. Throws
 * OperationalError TRADE_NOT_DELIVERED, or as receiveDelivery and openTable.
 */
export async function receive(
  client: ExchangeClient,
  party: Party,
  { tradeId, target, onProgress, peers = [] }: Receive,
): Promise<Received> {
  const trade = await newestTrade(client, tradeId);
  const { delivery, state } = trade;
  if (delivery === null) {
    throw new OperationalError(
      'TRADE_NOT_DELIVERED',
      `Trade ${tradeId} is ${state}: no file is delivered in it yet. \`dxl watch\` tells when one is.`,
    );
  }
  const progress = onProgress ? { onProgress } : {};
  const request = { tradeId, delivery, target, ...progress };
  const opened = await client.receiveDelivery(party, request, peers);
  return { ...opened, table: await openTable(client, trade, target) };
}
