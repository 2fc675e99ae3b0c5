import { expect } from 'chai';
import { frozen } from '../../../src/chain/machine/frozen.ts';
import { ReadEnvelopes, type ReadEnvelope } from '../../../src/chain/machine/read-envelopes.ts';
import { ValueMemo } from '../../../src/chain/machine/state.ts';
import { admission, sign, TestChain } from '../test-chain.ts';

const readOf = (id: string, length: number): ReadEnvelope => ({
  envelope: {
    id,
    bytes: new Uint8Array(length),
    keyId: '',
    sequence: 1,
    expiryHeight: 1,
    operations: [],
    payload: new Uint8Array(),
    signature: new Uint8Array(),
  },
  operations: [],
  fault: null,
  unread: null,
  proofs: 0,
});

describe('chain/machine: what was read is remembered', () => {
  it('knows an envelope by its id, with the key it was verified under', () => {
    const known = new ReadEnvelopes();
    known.keep(readOf('a', 100), 'key');
    expect(known.find('a')?.publicKey).to.equal('key');
    expect(known.find('b')).to.equal(undefined);
  });

  it('keeps a bounded number of envelopes, and of their bytes', () => {
    const many = new ReadEnvelopes();
    for (let at = 0; at < 50_000; at += 1) many.keep(readOf(`${at}`, 100), 'key');
    expect(many.find('49999')).not.to.equal(undefined);
    expect(many.find('0')).to.equal(undefined);
    const large = new ReadEnvelopes();
    for (let at = 0; at < 400; at += 1) large.keep(readOf(`${at}`, 65_536), 'key');
    const left = Array.from({ length: 400 }, (_, at) => large.find(`${at}`)).filter(Boolean);
    expect(left.length).to.be.within(128, 256);
  });

  it('gives what bytes decode to for those very bytes alone', () => {
    const memo = new ValueMemo();
    const [before, after] = [Uint8Array.of(1), Uint8Array.of(1)];
    memo.keep('key', before, 'one');
    expect(memo.find('key', before)).to.equal('one');
    expect(memo.find('key', after)).to.equal(undefined);
    expect(memo.find('other', before)).to.equal(undefined);
    for (let at = 0; at < 100_000; at += 1) memo.keep(`${at}`, after, at);
    expect(memo.find('key', before)).to.equal(undefined);
    expect(memo.find('99999', after)).to.equal(99_999);
  });

  it('keeps a bounded number of bytes that were decoded, however large the records are', () => {
    const memo = new ValueMemo(1_000, 100_000);
    const rows = Array.from({ length: 100 }, (_, at) => ({
      key: `${at}`,
      bytes: new Uint8Array(10_000),
    }));
    for (const { key, bytes } of rows) memo.keep(key, bytes, key);
    const left = rows.filter(({ key, bytes }) => memo.find(key, bytes) === key);
    expect(left.length).to.be.within(9, 20);
    expect(left.at(-1)?.key).to.equal('99');
  });

  it('counts a value that is written again and again once', () => {
    const memo = new ValueMemo(1_000, 100_000);
    const kept = new Uint8Array(10);
    memo.keep('kept', kept, 'kept');
    for (let at = 0; at < 1_000; at += 1) memo.keep('busy', new Uint8Array(10_000), at);
    expect(memo.find('kept', kept)).to.equal('kept');
  });

  it('keeps an envelope without the body or frame that it came in', () => {
    const { machine } = new TestChain();
    const envelope = sign(admission('seller', ['SELLER']), { sequence: 1 });
    const body = new Uint8Array(4 * 2 ** 20);
    body.set(envelope, 1_000);
    const part = body.subarray(1_000, 1_000 + envelope.length);
    for (const again of [false, true]) {
      const checked = machine.checkTx(part);
      if (!checked.ok) throw new Error(checked.detail);
      const { bytes, payload, signature } = checked.value.envelope;
      expect(bytes, `again: ${again}`).to.deep.equal(envelope);
      for (const { buffer } of [bytes, payload, signature]) {
        expect(buffer.byteLength).to.equal(envelope.length);
      }
    }
  });

  it('keeps it so where its signature was verified elsewhere', () => {
    const { machine } = new TestChain();
    const envelope = sign(admission('seller', ['SELLER']), { sequence: 1 });
    const part = new Uint8Array(2 ** 20).subarray(0, envelope.length);
    part.set(envelope);
    machine.signatureOf(part)!.accept();
    const checked = machine.checkTx(part);
    if (!checked.ok) throw new Error(checked.detail);
    expect(checked.value.envelope.bytes.buffer.byteLength).to.equal(envelope.length);
  });

  it('lets nobody change what was read', () => {
    const record = frozen({ list: [{ word: 'a' }], bytes: Uint8Array.of(1), none: null });
    expect(() => Object.assign(record.list[0] ?? {}, { word: 'b' })).to.throw(TypeError);
    expect(() => record.list.push({ word: 'c' })).to.throw(TypeError);
  });
});
