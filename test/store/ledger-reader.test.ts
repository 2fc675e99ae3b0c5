import { expect } from 'chai';
import { createLedgerReader, type StoredLedger } from '../../src/store/ledger-reader.ts';
import { blockOf, openStore, type OpenStore } from './sample-blocks.ts';

describe('store: ledger reader', () => {
  let open: OpenStore;
  let reader: StoredLedger;
  const blocks = [
    blockOf(1, 0, ['a', 'b']),
    blockOf(2, 2, []),
    blockOf(3, 2, ['c', 'd', 'e', 'f']),
  ];

  before(async () => {
    open = await openStore();
    reader = createLedgerReader(open.dataSource);
    for (const block of blocks) await open.store.commit(block, []);
  });
  after(() => open.close());

  it('reads a block by its height', async () => {
    for (const block of blocks) {
      const found = await reader.readBlock(block.height);
      expect(found?.envelopes.map(({ id }) => id)).to.deep.equal(
        block.envelopes.map(({ id }) => id),
      );
      expect(found?.headerHash).to.equal(block.headerHash);
    }
    for (const height of [0, 4]) expect(await reader.readBlock(height)).to.equal(null);
  });

  it('finds an envelope, refused ones too, with where it stands', async () => {
    const wanted = blocks[2]!.envelopes[3]!;
    const found = await reader.readEnvelope(wanted.id);
    expect(found?.height).to.equal(3);
    expect(found?.appHash).to.equal(blocks[2]!.appHash);
    expect({ ...found?.envelope, bytes: null }).to.deep.equal({ ...wanted, bytes: null });
    expect(Buffer.from(found!.envelope.bytes)).to.deep.equal(Buffer.from(wanted.bytes));
    expect(await reader.readEnvelope('ab'.repeat(32))).to.equal(null);
    const ids = [wanted.id, 'ab'.repeat(32), blocks[0]!.envelopes[0]!.id, wanted.id];
    const several = await reader.readEnvelopes(ids);
    expect([...several.keys()].sort()).to.deep.equal([ids[0], ids[2]].sort());
    expect(several.get(wanted.id)).to.deep.equal(found);
    expect((await reader.readEnvelopes([])).size).to.equal(0);
  });

  it('reads leaves that are there', async () => {
    const leaves = await reader.readLeaves([5, 0, 6, 0]);
    expect([...leaves.keys()].sort()).to.deep.equal([0, 5]);
    expect(Buffer.from(leaves.get(5)!).toString()).to.equal('"f"');
    expect(Buffer.from((await reader.readLeaf(1))!).toString()).to.equal('"b"');
    expect(await reader.readLeaf(6)).to.equal(null);
  });

  it('lists blocks, newest first', async () => {
    const list = await reader.listBlocks({ limit: 2 });
    expect(list.map(({ height, envelopeCount }) => [height, envelopeCount])).to.deep.equal([
      [3, 4],
      [2, 0],
    ]);
    const rest = await reader.listBlocks({ beforeHeight: 2, limit: 2 });
    expect(rest.map(({ height }) => height)).to.deep.equal([1]);
  });

  it('finds the first header of a log size', async () => {
    const found = await reader.readHeaderOfLogSize(2);
    expect(Buffer.from(found!.header).toString()).to.equal('header 1');
    expect(Buffer.from((await reader.readHeaderOfLogSize(6))!.header).toString()).to.equal(
      'header 3',
    );
    for (const size of [1, 3, 7]) expect(await reader.readHeaderOfLogSize(size)).to.equal(null);
  });
});
