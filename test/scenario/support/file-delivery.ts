/** Delivery of a file as seller and buyer do it, with whatever the seller chooses to put into it. */
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { checkDelivery, type DeliveryCheck } from '../../../src/client/check-delivery.ts';
import type { NamedOperation } from '../../../src/client/commands.ts';
import {
  packDelivery,
  unpackDelivery,
  type DeliveryPackage,
} from '../../../src/client/delivery-package.ts';
import { decryptDelivery } from '../../../src/client/delivery/decrypt.ts';
import { encryptDelivery } from '../../../src/client/delivery/encrypt.ts';
import { sampleParameters } from '../../../src/demo/acts/listing.ts';
import { act, ids } from '../../../src/demo/scenario.ts';
import { listingRecord } from '../../../src/listing/state.ts';
import { registrationRecord } from '../../../src/rights/state.ts';
import { deliverCommand } from '../../../src/trading/schema.ts';
import { tradeRecord } from '../../../src/trading/state.ts';
import type { MidTrade } from './mid-trade.ts';

/** What an honest seller packs. */
export const honestPackage = ({
  scenario,
  played: { tableSalt, sample },
}: MidTrade): DeliveryPackage => ({
  opening: { tableSalt, sampleSalt: sample.salt, sampleRows: sample.rows },
  file: scenario.dataset.bytes,
});

/** Encrypts and uploads a package; the command names the registered fingerprint all the same. */
export async function deliveryOf(
  { scenario, exchange, player }: MidTrade,
  tradeId: string,
  package_: DeliveryPackage,
): Promise<NamedOperation> {
  const seller = player('seller');
  const folder = path.join(exchange.folder, tradeId);
  await mkdir(folder, { recursive: true });
  const target = path.join(folder, 'delivery.dxl');
  const packed = packDelivery(package_);
  const encrypted = await encryptDelivery({
    chainId: scenario.chainId,
    tradeId,
    source: once(packed),
    target,
    recipient: player('buyer').party.encryptionKey,
  });
  await seller.putContent(new Uint8Array(await readFile(target)));
  await seller.putContent(encrypted.wrappedKey);
  const { fingerprint } = await seller.read(registrationRecord, ids.registration);
  return act('trading.deliver', deliverCommand, {
    tradeId,
    ciphertextDigest: encrypted.ciphertextDigest,
    ciphertextBytes: encrypted.ciphertextBytes,
    wrappedKeyDigest: encrypted.wrappedKeyDigest,
    rowsRoot: fingerprint.rowsRoot,
    contentCommitment: fingerprint.contentCommitment,
  });
}

/** What the buyer's machine finds in what was delivered. */
export async function receive(
  { scenario, exchange, player }: MidTrade,
  tradeId: string,
): Promise<DeliveryCheck> {
  const buyer = player('buyer');
  const { delivery } = await buyer.read(tradeRecord, tradeId);
  if (!delivery) throw new Error(`Nothing was delivered in ${tradeId}.`);
  const target = path.join(exchange.folder, tradeId, 'received');
  await decryptDelivery(buyer.party, {
    chainId: scenario.chainId,
    tradeId,
    source: once(await buyer.getContent(delivery.ciphertextDigest)),
    target,
    wrappedKey: await buyer.getContent(delivery.wrappedKeyDigest),
    wrappedKeyDigest: delivery.wrappedKeyDigest,
    ciphertextDigest: delivery.ciphertextDigest,
  });
  const package_ = unpackDelivery(new Uint8Array(await readFile(target)));
  const { fingerprint } = await buyer.read(registrationRecord, ids.registration);
  const listing = await buyer.read(listingRecord, ids.listing);
  return checkDelivery(package_, fingerprint, listing, sampleParameters(scenario));
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
