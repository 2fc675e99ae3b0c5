import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { assert } from '../../../src/base/assert.ts';
import { toHex } from '../../../src/base/bytes.ts';
import { OperationalError } from '../../../src/base/operational-error.ts';
import { deliver, receive } from '../../../src/client/deliver.ts';
import { partyFromSeeds, randomSeed } from '../../../src/client/party.ts';
import { ProblemError } from '../../../src/client/problem-error.ts';
import { act, ids, tableFile } from '../../../src/demo/scenario.ts';
import { possessionClaim } from '../../../src/identity/possession.ts';
import { addKeyCommand, revokeKeyCommand } from '../../../src/identity/schema.ts';
import { acceptDeliveryCommand } from '../../../src/trading/schema.ts';
import { tradeRecord } from '../../../src/trading/state.ts';
import { openTrade, type MidTrade } from '../support/mid-trade.ts';

/** What was delivered in the trade that was played, asked for by everybody who is admitted. */
export function contentAccess(world: () => MidTrade): void {
  const parties = ['buyer', 'seller'];

  it('the delivery is given to its buyer and its seller, and to nobody else', async () => {
    const { player, exchange } = world();
    const { delivery } = await player('buyer').read(tradeRecord, ids.trade);
    assert(delivery, 'the trade was delivered');
    for (const id of exchange.parties.keys()) {
      for (const digest of [delivery.ciphertextDigest, delivery.wrappedKeyDigest]) {
        const read = player(id).getContent(digest);
        if (parties.includes(id)) expect((await read).length).to.be.greaterThan(0);
        else expect(await nameOf(read), id).to.equal('NOT_FOUND');
      }
    }
  });

  it('what nobody has sent answers in the same words', async () => {
    const { player } = world();
    const { delivery } = await player('buyer').read(tradeRecord, ids.trade);
    assert(delivery, 'the trade was delivered');
    const wordsOf = async (digest: string): Promise<string> => {
      const error = await player('bank')
        .getContent(digest)
        .catch((thrown: unknown) => thrown);
      assert(error instanceof ProblemError, 'it is refused');
      return error.message.replace(digest, 'DIGEST');
    };
    expect(await wordsOf(delivery.ciphertextDigest)).to.equal(await wordsOf('ab'.repeat(32)));
  });

  describe('a file of a trade', () => {
    const tradeId = 'content-trade';
    const bytes = new Uint8Array(200_000).map((_, at) => (at * 31) & 0xff);
    const at = (name: string): string => path.join(world().exchange.folder, `${tradeId}-${name}`);
    const target = (): string => at(randomUUID());
    const partyOf = (id: string) => world().player(id).party;

    before(async () => {
      await openTrade(world(), tradeId, 'DELIVERY');
      await writeFile(at('file'), bytes);
    });

    it('is not there before its seller has delivered it', async () => {
      const client = world().nodes.clientOf('buyer');
      const early = receive(client, partyOf('buyer'), { tradeId, target: target() });
      expect(await nameOf(early)).to.include('TRADE_NOT_DELIVERED');
    });

    it('is delivered by its seller and received by its buyer, to the byte', async () => {
      const { nodes, settle } = world();
      const request = { tradeId, file: at('file') };
      const { sent } = await deliver(nodes.clientOf('seller'), partyOf('seller'), request);
      await settle();
      const to = target();
      const client = nodes.clientOf('buyer');
      const opened = await receive(client, partyOf('buyer'), { tradeId, target: to });
      expect(opened.plaintextBytes).to.equal(bytes.length);
      expect(new Uint8Array(await readFile(to))).to.deep.equal(bytes);
      expect(sent.ciphertextBytes).to.be.greaterThan(bytes.length);
      const again = deliver(nodes.clientOf('seller'), partyOf('seller'), request);
      expect(await nameOf(again)).to.include('TRADE_NOT_DELIVERING');
    });

    it('is compared with what is registered on both sides, where it comes with its opening', async () => {
      const { nodes, settle, played, exchange, player } = world();
      const sold = 'table-trade';
      await openTrade(world(), sold, 'DELIVERY');
      const { opening, inspection } = played.table;
      const { salt, rows } = played.sample;
      const sample = { salt: salt.toString(16).padStart(62, '0'), rows };
      await writeFile(at('opening.json'), JSON.stringify({ ...opening, sample }));
      const whole = await readFile(tableFile(exchange), 'utf8');
      await writeFile(at('other.csv'), whole.replace('Louisiana', 'Alabama'));
      await writeFile(at('same.csv'), whole.replaceAll('\r\n', '\n'));
      const sending = (file: string, opens = at('opening.json')) =>
        deliver(nodes.clientOf('seller'), partyOf('seller'), {
          ...{ tradeId: sold, file, opening: opens },
        });
      expect(await wordsOf(sending(at('other.csv')))).to.match(
        /^DELIVERY_OTHER_TABLE.*columns: Origin State; where: rows 1\./,
      );
      expect(await wordsOf(sending(at('same.csv'), at('other.csv')))).to.match(/^OPENING_INVALID/);
      await sending(at('same.csv'));
      await settle();
      const to = target();
      const client = nodes.clientOf('buyer');
      const { table } = await receive(client, partyOf('buyer'), { tradeId: sold, target: to });
      assert(table, 'it came with its opening');
      expect(table.check).to.deep.include({ fault: null });
      expect(table.check.verdict).to.include({ agrees: true, version: 2, difference: null });
      expect(await readFile(to, 'utf8')).to.equal(await readFile(at('same.csv'), 'utf8'));
      const kept = JSON.parse(await readFile(table.opening, 'utf8')) as typeof opening;
      expect(kept.file.sha256).not.to.equal(inspection.read.sha256);
      expect(kept.file).to.deep.include({ format: 'csv', encoding: 'utf-8' });
      await player('buyer').submit(
        act('trading.accept-delivery', acceptDeliveryCommand, {
          tradeId: sold,
          digest: (await player('buyer').read(tradeRecord, sold)).delivery?.ciphertextDigest ?? '',
        }),
      );
    });

    it('is refused to strangers, and to a key of its buyer from when it is revoked', async () => {
      const { nodes, player, settle, scenario } = world();
      await settle();
      const client = nodes.clientOf('buyer');
      for (const id of ['bank', 'operator', 'other-buyer']) {
        const stolen = receive(client, partyOf(id), { tradeId, target: target() });
        expect(await nameOf(stolen), id).to.equal('NOT_FOUND');
      }
      const second = partyFromSeeds('buyer', { signing: randomSeed(), sealing: randomSeed() });
      const { publicKey, keyId } = second.signingKey;
      const claim = possessionClaim(scenario.chainId, 'buyer', publicKey);
      const possession = toHex(second.signingKey.sign(claim));
      const added = { publicKey, roles: ['BUYER' as const], possession };
      await player('buyer').submit(act('identity.add-key', addKeyCommand, added));
      await settle();
      // It is of the buyer, so the bytes are given to it; they are sealed to the other key.
      const held = receive(client, second, { tradeId, target: target() });
      expect(await nameOf(held)).to.include('SEAL_NOT_OPENED');
      const revoked = { keyId, reason: 'It was lost.' };
      await player('buyer').submit(act('identity.revoke-key', revokeKeyCommand, revoked));
      await settle();
      const late = receive(client, second, { tradeId, target: target() });
      expect(await nameOf(late)).to.equal('REQUEST_KEY_REFUSED');
    });
  });
}

const nameOf = (read: Promise<unknown>): Promise<string> =>
  read.then(
    () => 'given',
    (error: unknown) => {
      if (error instanceof ProblemError) return error.problem.name;
      return error instanceof OperationalError ? error.code : String(error);
    },
  );

const wordsOf = (read: Promise<unknown>): Promise<string> =>
  read.then(
    () => 'given',
    (error: unknown) =>
      error instanceof OperationalError ? `${error.code}: ${error.message}` : String(error),
  );
