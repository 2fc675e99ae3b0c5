import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { OperationalError } from '../../base/operational-error.ts';
import { checkDelivery } from '../../client/check-delivery.ts';
import { packDelivery, unpackDelivery } from '../../client/delivery-package.ts';
import { decryptDelivery } from '../../client/delivery/decrypt.ts';
import { encryptDelivery } from '../../client/delivery/encrypt.ts';
import { listingRecord } from '../../listing/state.ts';
import { registrationRecord } from '../../rights/state.ts';
import { acceptDeliveryCommand, deliverCommand, tradeCommand } from '../../trading/schema.ts';
import { tradeRecord } from '../../trading/state.ts';
import { act, ids, type Scenario } from '../scenario.ts';
import { sampleParameters, type SampleSecrets } from './listing.ts';

const tradeId = ids.trade;

/** The file goes out encrypted to the buyer, whose own machine checks every row of it. */
export async function playDelivery(
  scenario: Scenario,
  tableSalt: Uint8Array,
  sample: SampleSecrets,
): Promise<void> {
  const { stage, player } = scenario;
  await stage.step('seller', 'starts the delivery', () =>
    player('seller').submit(act('trading.start-delivery', tradeCommand, { tradeId })),
  );
  await stage.step('seller', 'delivers the file, encrypted, its key wrapped to the buyer', () =>
    deliver(scenario, tableSalt, sample),
  );
  await stage.step('buyer', 'decrypts, checks row by row against the fingerprint', () =>
    receive(scenario),
  );
  await stage.step('buyer', 'accepts the delivery', async () => {
    const { delivery } = await player('buyer').read(tradeRecord, tradeId);
    return player('buyer').submit(
      act('trading.accept-delivery', acceptDeliveryCommand, {
        tradeId,
        digest: delivery?.ciphertextDigest ?? '',
      }),
    );
  });
}

async function deliver(scenario: Scenario, tableSalt: Uint8Array, sample: SampleSecrets) {
  const { player, dataset, chainId, outDir } = scenario;
  const seller = player('seller');
  const folder = path.join(outDir, 'seller');
  await mkdir(folder, { recursive: true });
  const target = path.join(folder, 'delivery.dxl');
  const opening = { tableSalt, sampleSalt: sample.salt, sampleRows: sample.rows };
  const package_ = packDelivery({ opening, file: dataset.bytes });
  const encrypted = await encryptDelivery({
    chainId,
    tradeId,
    source: once(package_),
    target,
    recipient: player('buyer').party.encryptionKey,
  });
  await seller.putContent(new Uint8Array(await readFile(target)));
  await seller.putContent(encrypted.wrappedKey);
  await rm(target);
  scenario.figures.set('delivery', `${encrypted.ciphertextBytes} bytes encrypted`);
  const { fingerprint } = await seller.read(registrationRecord, ids.registration);
  return seller.submit(
    act('trading.deliver', deliverCommand, {
      tradeId,
      ciphertextDigest: encrypted.ciphertextDigest,
      ciphertextBytes: encrypted.ciphertextBytes,
      wrappedKeyDigest: encrypted.wrappedKeyDigest,
      rowsRoot: fingerprint.rowsRoot,
      contentCommitment: fingerprint.contentCommitment,
    }),
  );
}

async function receive(scenario: Scenario) {
  const { player, chainId, outDir, figures } = scenario;
  const buyer = player('buyer');
  const { delivery } = await buyer.read(tradeRecord, tradeId);
  if (!delivery) throw new OperationalError('DEMO_DELIVERY', 'Nothing has been delivered.');
  const folder = path.join(outDir, 'buyer');
  await mkdir(folder, { recursive: true });
  const source = path.join(folder, 'delivery.dxl');
  const plaintext = path.join(folder, 'delivery.package');
  await writeFile(source, await buyer.getContent(delivery.ciphertextDigest));
  await decryptDelivery(buyer.party, {
    chainId,
    tradeId,
    source,
    target: plaintext,
    wrappedKey: await buyer.getContent(delivery.wrappedKeyDigest),
    wrappedKeyDigest: delivery.wrappedKeyDigest,
    ciphertextDigest: delivery.ciphertextDigest,
  });
  const package_ = unpackDelivery(new Uint8Array(await readFile(plaintext)));
  const { fingerprint } = await buyer.read(registrationRecord, ids.registration);
  const listing = await buyer.read(listingRecord, ids.listing);
  const parameters = sampleParameters(scenario);
  const check = await checkDelivery(package_, fingerprint, listing, parameters);
  if (check.fault !== null) throw new OperationalError('DEMO_DELIVERY', check.detail);
  await writeFile(path.join(folder, 'birdstrikes.csv'), package_.file);
  await rm(plaintext);
  await rm(source);
  figures.set('rows checked', String(check.rows));
  return { result: `${check.rows} rows and the proved sample agree` };
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
