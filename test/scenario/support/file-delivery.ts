/** Delivery of a file as seller and buyer do it, with whatever the seller chooses to put into it. */
import path from 'node:path';
import type { DeliveryCheck } from '../../../src/client/check-delivery.ts';
import type { NamedOperation } from '../../../src/client/commands.ts';
import {
  packDelivery,
  type DeliveryPackage,
  type SampleOpening,
} from '../../../src/client/delivery-package.ts';
import { receiveFile, sendFile } from '../../../src/demo/file-delivery.ts';
import { tableFile } from '../../../src/demo/scenario.ts';
import type { MidTrade } from './mid-trade.ts';

/** What an honest seller packs. */
export const honestPackage = ({
  scenario,
  played: { table, sample },
}: MidTrade): DeliveryPackage & { readonly sample: SampleOpening } => ({
  opening: table.opening,
  sample,
  file: tableFile(scenario),
});

const placeOf = ({ exchange }: MidTrade, tradeId: string) => ({
  tradeId,
  folder: path.join(exchange.folder, tradeId),
});

/** Encrypts and uploads a package; the command names the registered fingerprint all the same. */
export const deliveryOf = async (
  world: MidTrade,
  tradeId: string,
  package_: DeliveryPackage,
): Promise<NamedOperation> =>
  (await sendFile(world.scenario, placeOf(world, tradeId), packDelivery(package_))).operation;

/** What the buyer's machine finds in what was delivered. */
export const receive = async (world: MidTrade, tradeId: string): Promise<DeliveryCheck> =>
  (await receiveFile(world.scenario, placeOf(world, tradeId))).check;
