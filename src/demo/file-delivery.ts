/** The delivery of a file, as the seller's machine and the buyer's do it. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { OperationalError } from '../base/operational-error.ts';
import { checkDelivery, type DeliveryCheck } from '../client/check-delivery.ts';
import type { NamedOperation } from '../client/commands.ts';
import type { HeadedFile } from '../client/delivery/source.ts';
import { unpackDelivery } from '../client/delivery-package.ts';
import { readRegistration } from '../data/shell/read-registration.ts';
import { listingProfileRecord, listingRecord } from '../listing/state.ts';
import { registeredTableRecord, registrationRecord } from '../rights/state.ts';
import { deliverCommand } from '../trading/schema.ts';
import { tradeRecord } from '../trading/state.ts';
import { sizesOf } from './acts/listing.ts';
import { act, ids, type Scenario } from './scenario.ts';

export interface Sent {
  readonly operation: NamedOperation;
  readonly ciphertextBytes: number;
}

/** Encrypts a package for the buyer and uploads it; the operation names the registered fingerprint. */
export async function sendFile(
  { player }: Scenario,
  { tradeId, folder }: { readonly tradeId: string; readonly folder: string },
  package_: HeadedFile,
): Promise<Sent> {
  const seller = player('seller');
  await mkdir(folder, { recursive: true });
  const { ciphertextDigest, ciphertextBytes, wrappedKeyDigest } = await seller.sendDelivery({
    tradeId,
    source: package_,
    recipient: player('buyer').party.encryptionKey,
    sealedFile: path.join(folder, 'delivery.dxl'),
  });
  const { fingerprint } = await seller.read(registrationRecord, ids.registration);
  const { rowsRoot, contentCommitment } = fingerprint;
  const operation = act('trading.deliver', deliverCommand, {
    tradeId,
    ciphertextDigest,
    ciphertextBytes,
    wrappedKeyDigest,
    rowsRoot,
    contentCommitment,
  });
  return { operation, ciphertextBytes };
}

export interface Received {
  /** Path of the file. */
  readonly file: string;
  readonly check: DeliveryCheck;
}

/** What the buyer's machine finds in what was delivered. Throws OperationalError DEMO_DELIVERY. */
export async function receiveFile(
  scenario: Scenario,
  { tradeId, folder }: { readonly tradeId: string; readonly folder: string },
): Promise<Received> {
  const buyer = scenario.player('buyer');
  const { delivery } = await buyer.read(tradeRecord, tradeId);
  if (!delivery) throw new OperationalError('DEMO_DELIVERY', 'Nothing has been delivered.');
  await mkdir(folder, { recursive: true });
  const target = path.join(folder, 'delivery.package');
  await buyer.receiveDelivery({ tradeId, delivery, target });
  const file = path.join(folder, 'birdstrikes.csv');
  const { opening, openingText } = await unpackDelivery(target, file);
  await rm(target);
  // With which `dxl data check` tells again whether the file is what was registered.
  await writeFile(path.join(folder, 'opening.json'), openingText ?? '', { mode: 0o600 });
  const registered = readRegistration(await buyer.read(registeredTableRecord, ids.registration));
  if (!registered) throw new OperationalError('DEMO_DELIVERY', 'Nothing is registered.');
  const listing = await buyer.read(listingRecord, ids.listing);
  const sizes = sizesOf(scenario);
  const profile = await buyer.read(listingProfileRecord, ids.listing);
  const check = await checkDelivery({ file, opening, registered, listing, sizes, profile });
  return { file, check };
}
