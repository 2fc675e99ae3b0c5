import { expect } from 'chai';
import { readFile, writeFile } from 'node:fs/promises';
import { utf8 } from '../../../src/base/bytes.ts';
import { commitment } from '../../../src/base/hash.ts';
import type { NamedOperation } from '../../../src/client/commands.ts';
import { act, newSalt } from '../../../src/demo/scenario.ts';
import {
  payOutCommand,
  rejectDeliveryCommand,
  ruleDisputeCommand,
  tradeCommand,
} from '../../../src/trading/schema.ts';
import { accountRecord, licenceRecord, tradeRecord } from '../../../src/trading/state.ts';
import { deliveryOf, honestPackage, receive } from '../support/file-delivery.ts';
import { openTrade, type MidTrade } from '../support/mid-trade.ts';
import { brokenMoney, recordsOf } from '../support/records.ts';
import { refuses } from '../support/refusal.ts';

type Ground = 'FINGERPRINT_MISMATCH' | 'PROOF_COMMITMENT_MISMATCH';
type Honest = ReturnType<typeof honestPackage>;
type Tamper = (package_: Honest) => Promise<Honest> | Honest;

/** One digit of one cost, in the middle of the file. */
const changedDigit: Tamper = async (package_) => {
  const changed = new Uint8Array(await readFile(package_.file));
  const middle = changed.length >> 1;
  const digit = changed.findIndex((byte, at) => at > middle && byte >= 0x31 && byte <= 0x38);
  changed[digit] = (changed[digit] ?? 0) + 1;
  const file = `${package_.file}.changed`;
  await writeFile(file, changed);
  return { ...package_, file };
};

const otherSalt: Tamper = ({ sample, ...rest }) => ({
  ...rest,
  sample: { ...sample, salt: sample.salt ^ 1n },
});

/** A delivery that lies, from what the buyer's machine finds to the money back with the buyer. */
export function disputes(world: () => MidTrade): void {
  const faults: readonly (readonly [string, Tamper, Ground, RegExp])[] = [
    // The middle of the file: one block of 1,024 rows, and one row of it.
    [
      'tampered-file',
      changedDigit,
      'FINGERPRINT_MISMATCH',
      /not the same; columns: .+; where: rows \d+\.$/,
    ],
    ['other-sample-salt', otherSalt, 'PROOF_COMMITMENT_MISMATCH', /do not open the commitment/],
  ];
  for (const [tradeId, tamper, ground, said] of faults) {
    it(`${ground}: rejected, disputed, refunded`, async () => {
      await openTrade(world(), tradeId, 'DELIVERY');
      const { player } = world();
      await player('seller').submit(
        await deliveryOf(world(), tradeId, await tamper(honestPackage(world()))),
      );
      const { fault, detail } = await receive(world(), tradeId);
      expect(fault).to.equal(ground);
      expect(detail).to.match(said);
      await rejectAndRule(world(), tradeId, ground);
      await payBack(world(), tradeId);
    });
  }
}

async function rejectAndRule(world: MidTrade, tradeId: string, ground: Ground): Promise<void> {
  const { player } = world;
  const onTrade = (name: string): NamedOperation => act(name, tradeCommand, { tradeId });
  await refuses(world, 'buyer', onTrade('trading.dispute'), 'TRADING_STATE');
  await player('buyer').submit(
    act('trading.reject-delivery', rejectDeliveryCommand, {
      tradeId,
      ground,
      evidenceCommitment: commitment(newSalt(), utf8('What my machine found.')),
    }),
  );
  await refuses(world, 'operator', onTrade('trading.settle'), 'TRADING_STATE');
  await refuses(world, 'other-buyer', onTrade('trading.dispute'), 'TRADING_NOT_PARTY');
  await player('buyer').submit(onTrade('trading.dispute'));
  const rule = (refundFen: bigint): NamedOperation =>
    act('trading.rule-dispute', ruleDisputeCommand, {
      tradeId,
      refundFen,
      reason: 'Recomputed: what was delivered is not what was registered and proved.',
    });
  await refuses(world, 'operator', rule(10_600_001n), 'TRADING_REFUND_OUT_OF_RANGE');
  await player('operator').submit(rule(10_600_000n));
  await refuses(world, 'operator', rule(10_600_000n), 'TRADING_STATE');
}

async function payBack(world: MidTrade, tradeId: string): Promise<void> {
  const { player, client } = world;
  const payOut = (to: 'SELLER' | 'BUYER'): NamedOperation =>
    act('trading.pay-out', payOutCommand, {
      tradeId,
      to,
      referenceCommitment: commitment(newSalt(), utf8('refund')),
    });
  await refuses(world, 'bank', payOut('SELLER'), 'TRADING_NOTHING_TO_PAY');
  await player('bank').submit(payOut('BUYER'));
  await refuses(world, 'bank', payOut('BUYER'), 'TRADING_ALREADY_PAID');
  const trade = await player('buyer').read(tradeRecord, tradeId);
  expect(trade.state).to.equal('REFUNDED');
  expect(trade.settlement).to.include({ refundFen: 10_600_000n, sellerFen: 0n, feeNetFen: 0n });
  const accounts = await recordsOf(client, accountRecord);
  const escrow = accounts.find(({ kind, holder }) => kind === 'ESCROW' && holder === tradeId);
  expect(escrow?.balanceFen).to.equal(0n);
  const licence = await player('buyer').read(licenceRecord, tradeId);
  expect(licence.state).to.equal('TERMINATED');
  expect(await brokenMoney(client)).to.deep.equal([]);
}
