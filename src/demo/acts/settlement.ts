import { utf8 } from '../../base/bytes.ts';
import { commitment } from '../../base/hash.ts';
import { payOutCommand, tradeCommand } from '../../trading/schema.ts';
import { tradeRecord } from '../../trading/state.ts';
import { act, newSalt, type Scenario } from '../scenario.ts';
import { yuan } from './valuation.ts';

/** Escrow to seller, fee and VAT; the certificate; the pay-out. */
export async function playSettlement({ stage, player }: Scenario, tradeId: string): Promise<void> {
  const operator = player('operator');
  await stage.step('operator', 'settles: escrow to seller, fee income and output VAT', async () => {
    const receipt = await operator.submit(act('trading.settle', tradeCommand, { tradeId }));
    const { settlement } = await operator.read(tradeRecord, tradeId);
    return { ...receipt, result: `seller ${yuan(settlement?.sellerFen ?? 0n)}` };
  });
  await stage.step('operator', 'issues the trade certificate', async () => {
    const receipt = await operator.submit(act('trading.certify', tradeCommand, { tradeId }));
    const { certificate } = await operator.read(tradeRecord, tradeId);
    return { ...receipt, result: certificate?.number ?? 'none' };
  });
  await stage.step('bank', 'pays the seller out', () =>
    player('bank').submit(
      act('trading.pay-out', payOutCommand, {
        tradeId,
        to: 'SELLER',
        referenceCommitment: commitment(newSalt(), utf8(`pay-out for ${tradeId}`)),
      }),
    ),
  );
}
