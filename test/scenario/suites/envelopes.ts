import { expect } from 'chai';
import { concat, toHex, utf8 } from '../../../src/base/bytes.ts';
import type { NamedOperation } from '../../../src/client/commands.ts';
import { partyFromSeeds, randomSeed, type Party } from '../../../src/client/party.ts';
import type { ProblemDocument } from '../../../src/client/problem-error.ts';
import { act } from '../../../src/demo/scenario.ts';
import { possessionClaim } from '../../../src/identity/possession.ts';
import { addKeyCommand, revokeKeyCommand } from '../../../src/identity/schema.ts';
import { tradeCommand } from '../../../src/trading/schema.ts';
import type { MidTrade } from '../support/mid-trade.ts';
import { post, postBatch, refuses, refusesBytes, sign } from '../support/refusal.ts';
import { used } from '../support/used.ts';

/** Envelopes and keys, against the open trade `file-trade`. */
export function envelopeRefusals(world: () => MidTrade): void {
  const party = (id: string): Party => world().player(id).party;

  it('with a signature that is not the key’s', async () => {
    const envelope = await sign(world(), party('buyer'), [used(0)]);
    for (const offset of [1, 20, 64]) {
      const changed = Uint8Array.from(envelope);
      changed[changed.length - offset] = (changed.at(-offset) ?? 0) ^ 1;
      await refusesBytes(world(), changed, 'SIGNATURE_INVALID');
    }
    const other = await sign(world(), party('seller'), [used(0)]);
    const body = envelope.subarray(0, envelope.length - 64);
    await refusesBytes(world(), concat(body, other.subarray(-64)), 'SIGNATURE_INVALID');
  });

  it('of another chain', async () => {
    const envelope = await sign(world(), party('buyer'), [used(0)], { chainId: 'another-chain' });
    await refusesBytes(world(), envelope, 'SIGNATURE_INVALID');
  });

  it('of a key that nobody has admitted', async () => {
    const stranger = partyFromSeeds('buyer', { signing: randomSeed(), sealing: randomSeed() });
    await refusesBytes(world(), await sign(world(), stranger, [used(0)]), 'KEY_UNKNOWN');
  });

  it('that were sent before, and others under a number that was used', async () => {
    const sequence = await world().client.nextSequence(party('buyer').signingKey.keyId);
    const first = await sign(world(), party('buyer'), [used(0)], { sequence });
    // Refused by the room (the licence is not active yet), so its number is used.
    expect((await post(world().nextUrl(), first)).status).to.equal(409);
    const again = await refusesBytes(world(), first, 'LICENCE_STATE');
    expect(again.receipt?.resultName).to.equal('LICENCE_STATE');
    const other = await sign(world(), party('buyer'), [used(0, 2)], { sequence });
    const refused = await refusesBytes(world(), other, 'SEQUENCE_USED');
    expect(refused.receipt).to.equal(undefined);
  });

  it('that stand in a block, however old: every node answers their receipt', async () => {
    const { client, nodes } = world();
    const { height } = await client.status();
    const bytes = await sign(world(), party('buyer'), [used(0)], { expiryHeight: height + 20 });
    const first = (await (await post(nodes.url, bytes)).json()) as ProblemDocument;
    expect(first.receipt?.resultName).to.equal('LICENCE_STATE');
    const never = await sign(world(), party('buyer'), [used(0, 2)], {
      ...{ sequence: 1, expiryHeight: height + 20 },
    });
    // Until its expiry height has passed, and as many numbers as its key's window holds.
    for (const step of [0, 1]) {
      const many = Array.from({ length: 70 }, (_, at) => [used(1_000 + 70 * step + at)]);
      const outcomes = await client.submitMany(party('buyer'), many);
      for (const outcome of outcomes) expect(outcome.ok).to.equal(false);
    }
    while ((await client.status()).height <= height + 20) {
      await client.submit(party('buyer'), [used(0)]).catch(() => undefined);
    }
    await world().settle();
    for (const { url } of nodes.clients) {
      for (const headers of [{}, { 'idempotency-key': `again ${url}`.replaceAll(' ', '-') }]) {
        const answer = await post(url, bytes, headers);
        const problem = (await answer.json()) as ProblemDocument;
        expect(problem.receipt, JSON.stringify(problem)).to.deep.equal(first.receipt);
        expect(answer.headers.get('idempotency-replayed')).to.equal('true');
      }
      const outcomes = await postBatch(url, [bytes, never]);
      expect(outcomes[0]).to.deep.include({ replayed: true, receipt: first.receipt });
      expect(outcomes[1]).to.deep.include({ replayed: false, receipt: null });
      expect(outcomes[1]?.problem).to.deep.include({ mayStandInABlock: false });
    }
  });

  it('too large, too far ahead, expired, or not canonical CBOR', async () => {
    const buyer = party('buyer');
    const { envelopeBytesMax, operationsMax } = world().exchange.genesis.parameters;
    const envelope = await sign(world(), buyer, [used(0)]);
    await refusesBytes(world(), new Uint8Array(envelopeBytesMax + 1), 'ENVELOPE_TOO_LARGE');
    await refusesBytes(world(), new Uint8Array(4 * envelopeBytesMax), 'BODY_TOO_LARGE');
    const many = new Array<NamedOperation>(operationsMax + 1).fill(used(0));
    const crowd = await sign(world(), buyer, many);
    await refusesBytes(world(), crowd, 'ENVELOPE_TOO_MANY_OPERATIONS');
    const far = await sign(world(), buyer, [used(0)], { sequence: 1_000_000 });
    await refusesBytes(world(), far, 'SEQUENCE_TOO_FAR');
    const late = await sign(world(), buyer, [used(0)], { expiryHeight: 1 });
    await refusesBytes(world(), late, 'ENVELOPE_EXPIRED');
    for (const bytes of [
      new Uint8Array(0),
      utf8('{"not":"cbor"}'),
      envelope.subarray(0, -1),
      concat(envelope, Uint8Array.of(0)),
      new Uint8Array(300).fill(0xff),
    ]) {
      await refusesBytes(world(), bytes, 'ENVELOPE_MALFORMED');
    }
  });

  it('with commands that do not fit, by numbers that nobody knows', async () => {
    const unknown = [{ number: 9_999, command: [] }];
    const envelope = await sign(world(), party('buyer'), [], { operations: unknown });
    await refusesBytes(world(), envelope, 'OPERATION_UNKNOWN');
    const misfit = [{ number: 630, command: ['file-trade', 'USE', -1n, 0n] }];
    const second = await sign(world(), party('buyer'), [], { operations: misfit });
    await refusesBytes(world(), second, 'OPERATION_MALFORMED');
  });
}

export function keyRefusals(world: () => MidTrade): void {
  it('of another party, or without the role', async () => {
    const begin = act('trading.start-delivery', tradeCommand, { tradeId: 'file-trade' });
    await refuses(world(), 'stranger', begin, 'TRADING_NOT_PARTY');
    await refuses(world(), 'buyer', begin, 'ROLE_MISSING');
    await refuses(world(), 'other-buyer', used(0), 'LICENCE_NOT_PARTY');
    const settle = act('trading.settle', tradeCommand, { tradeId: 'file-trade' });
    await refuses(world(), 'seller', settle, 'ROLE_MISSING');
    const clear = act('trading.clear', tradeCommand, { tradeId: 'file-trade' });
    await refuses(world(), 'reviewer-b', clear, 'TRADING_STATE');
  });

  it('that were revoked', async () => {
    const { chainId } = world().scenario;
    const second = partyFromSeeds('buyer', { signing: randomSeed(), sealing: randomSeed() });
    const { publicKey, keyId } = second.signingKey;
    const possession = toHex(second.signingKey.sign(possessionClaim(chainId, 'buyer', publicKey)));
    const buyer = world().player('buyer');
    await buyer.submit(
      act('identity.add-key', addKeyCommand, { publicKey, roles: ['BUYER'], possession }),
    );
    const before = await sign(world(), second, [used(0)]);
    const { name } = await refusesBytes(world(), before, 'LICENCE_STATE');
    expect(name).to.equal('LICENCE_STATE');
    await buyer.submit(
      act('identity.revoke-key', revokeKeyCommand, { keyId, reason: 'It was lost.' }),
    );
    await refusesBytes(world(), await sign(world(), second, [used(0)]), 'KEY_NOT_ACTIVE');
  });
}
