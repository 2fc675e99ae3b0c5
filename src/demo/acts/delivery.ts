import path from 'node:path';
import { OperationalError } from '../../base/operational-error.ts';
import { packDelivery, type SampleOpening } from '../../client/delivery-package.ts';
import { acceptDeliveryCommand, tradeCommand } from '../../trading/schema.ts';
import { tradeRecord } from '../../trading/state.ts';
import { receiveFile, sendFile } from '../file-delivery.ts';
import { act, ids, tableFile, type Scenario } from '../scenario.ts';
import type { RegisteredTable } from './rights.ts';

const tradeId = ids.trade;

/** The file goes out encrypted to the buyer, whose own machine checks every row of it. */
export async function playDelivery(
  scenario: Scenario,
  table: RegisteredTable,
  sample: SampleOpening,
): Promise<void> {
  const { stage, player } = scenario;
  await stage.step('seller', 'starts the delivery', () =>
    player('seller').submit(act('trading.start-delivery', tradeCommand, { tradeId })),
  );
  await stage.step('seller', 'delivers the file, encrypted, its key wrapped to the buyer', () =>
    deliver(scenario, table, sample),
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

async function deliver(scenario: Scenario, { opening }: RegisteredTable, sample: SampleOpening) {
  const { player, outDir, figures } = scenario;
  const where = { tradeId, folder: path.join(outDir, 'seller') };
  const sent = await sendFile(
    scenario,
    where,
    packDelivery({ opening, sample, file: tableFile(scenario) }),
  );
  figures.set('delivery', `${sent.ciphertextBytes} bytes encrypted`);
  return player('seller').submit(sent.operation);
}

async function receive(scenario: Scenario) {
  const folder = path.join(scenario.outDir, 'buyer');
  const { check } = await receiveFile(scenario, { tradeId, folder });
  if (check.fault !== null) throw new OperationalError('DEMO_DELIVERY', check.detail);
  const rows = String(scenario.dataset.rows.length);
  scenario.figures.set('rows checked', rows);
  return { result: `${rows} rows and the proved sample agree` };
}
