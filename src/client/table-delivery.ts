/** The delivery of a registered table: what opens it travels with the file, and the buyer's machine checks both. */
import { rename, rm, writeFile } from 'node:fs/promises';
import { OperationalError } from '../base/operational-error.ts';
import { differenceSentence } from '../data/difference-text.ts';
import { checkAgainstRegistration } from '../data/shell/check.ts';
import { inspectFile } from '../data/shell/inspect.ts';
import { openingJson, readOpening } from '../data/shell/opening.ts';
import {
  asVersion2,
  readRegistration,
  type RegisteredFingerprint,
} from '../data/shell/read-registration.ts';
import { readJsonFile } from '../data/shell/read-description-file.ts';
import { TableFault } from '../data/table-fault.ts';
import type { ListingProfile } from '../listing/schema.ts';
import { listingProfileRecord, listingRecord } from '../listing/state.ts';
import { registeredTableRecord, registrationRecord } from '../rights/state.ts';
import type { Trade } from '../trading/schema.ts';
import { checkDelivery, type DeliveryCheck } from './check-delivery.ts';
import { isPackage, packDelivery, readSample, unpackDelivery } from './delivery-package.ts';
import type { HeadedFile } from './delivery/source.ts';
import type { ExchangeClient } from './exchange-client.ts';
import { refuseExisting } from './refuse-existing.ts';
import { rulesInForce, sizesInForce } from './rules-in-force.ts';

/** Of a trade's registration, by the version that it is of. */
export async function registeredOf(
  client: ExchangeClient,
  { registrationId }: Pick<Trade, 'registrationId'>,
): Promise<RegisteredFingerprint> {
  const table = await client.find(registeredTableRecord, registrationId);
  const { fingerprint } = await client.read(registrationRecord, registrationId);
  // A table that was stated before a resubmission with another fingerprint is not this one's.
  const isOfIt = table?.rowsRoot === fingerprint.rowsRoot;
  const found = readRegistration(isOfIt ? table : fingerprint);
  if (found) return found;
  throw new OperationalError('REGISTRATION_ABSENT', `Registration ${registrationId} has no roots.`);
}

/** What was stated of the whole file of the revision that is traded. */
async function profileOf(
  client: ExchangeClient,
  { listingId, listingRevision }: Trade,
): Promise<ListingProfile | null> {
  const profile = await client.find(listingProfileRecord, listingId);
  return profile?.revision === listingRevision ? profile : null;
}

/**
 * The file with what opens its registration, as a package. Whoever delivers another table finds it out here
 * and not from its buyer. Throws OperationalError OPENING_INVALID, DELIVERY_OTHER_TABLE with the difference.
 */
export async function packTable(
  registered: RegisteredFingerprint,
  file: string,
  openingFile: string,
): Promise<HeadedFile> {
  try {
    return await packed(registered, file, openingFile);
  } catch (error) {
    if (!(error instanceof TableFault)) throw error;
    throw openingInvalid(`${openingFile} ${error.message}`, error);
  }
}

async function packed(
  registered: RegisteredFingerprint,
  file: string,
  openingFile: string,
): Promise<HeadedFile> {
  const value = await readJsonFile(openingFile);
  const opening = readOpening(value);
  if (opening === null) throw openingInvalid(`${openingFile} is no opening of version 2`);
  const { table, seed, bareSalt, index } = opening;
  const fingerprint =
    registered.version === 2 ? registered.fingerprint : asVersion2(registered.fingerprint, table);
  const { agrees, difference } = await checkAgainstRegistration(file, fingerprint, opening, {});
  if (!agrees) {
    const how = difference ? ` ${differenceSentence(difference)}` : '';
    throw new OperationalError(
      'DELIVERY_OTHER_TABLE',
      `${file} is not the table that is registered:${how} Nothing was sent.`,
    );
  }
  // The file part is of this file: the table may have been registered from another.
  const inspection = await inspectFile(file, {
    description: { table, file: difference === null ? (opening.file?.part ?? null) : null },
    ...{ seed, ...(index === null ? {} : { indexKey: index.key }) },
  });
  const { sample } = value as { readonly sample?: unknown };
  return packDelivery({
    opening: openingJson(inspection, { seed, bareSalt }),
    sample: readSample(sample),
    file,
  });
}

const openingInvalid = (problem: string, cause?: unknown): OperationalError =>
  new OperationalError(
    'OPENING_INVALID',
    `${problem}: name the file that \`dxl data inspect FILE --write-opening\` wrote when the table was ` +
      'registered. Nothing was sent.',
    { cause },
  );

export interface ReceivedTable {
  /** Where what opens it is kept. */
  readonly opening: string;
  readonly check: DeliveryCheck;
}

/**
 * Takes what was received apart, where it is a package, and compares it with ledger and listing; null where
 * it is a file alone. The file stays at `target`, its opening beside it. Throws OperationalError
 * DELIVERY_PACKAGE_INVALID, FILE_EXISTS.
 */
export async function openTable(
  client: ExchangeClient,
  trade: Trade,
  target: string,
): Promise<ReceivedTable | null> {
  if (!(await isPackage(target))) return null;
  const [source, openingFile] = [`${target}.package`, `${target}.opening.json`];
  await refuseExisting(openingFile);
  await rename(target, source);
  const { opening, openingText } = await unpackDelivery(source, target);
  await writeFile(openingFile, openingText ?? '', { mode: 0o600, flag: 'wx' });
  await rm(source);
  const check = await checkDelivery({
    ...{ file: target, opening, registered: await registeredOf(client, trade) },
    listing: await client.read(listingRecord, trade.listingId),
    sizes: sizesInForce(await rulesInForce(client)),
    profile: await profileOf(client, trade),
  });
  return { opening: openingFile, check };
}
