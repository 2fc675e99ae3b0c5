/** No client is told that an envelope is dead by a block that a crash may still undo. */
import { expect } from 'chai';
import { freshDatabase, type FreshDatabase } from '../../support/database.ts';
import { put } from '../probe-room.ts';
import { operationOf, sign } from '../test-chain.ts';
import { openNode, wordOf, type NodeOptions, type TestNode } from '../test-node.ts';
import { gate } from './gate.ts';

const note = (sequence: number, words = 'x') =>
  sign(operationOf(put, { id: 'probe-1', note: words }), { sequence });

describe('chain/engine: refusals by a block that is not on disk', () => {
  let database: FreshDatabase;
  let nodes: TestNode[] = [];
  beforeEach(async () => (database = await freshDatabase()));
  afterEach(async () => {
    for (const node of nodes) await node.close();
    nodes = [];
    await database.drop();
  });
  async function open(options: NodeOptions = {}): Promise<TestNode> {
    const node = await openNode(database.url, options);
    nodes.push(node);
    return node;
  }

  /** A node whose next block is held up on its way to the disk, and may fail there. */
  async function openHeld() {
    const { open: release, opened } = gate();
    const { open: begin, opened: writing } = gate();
    let way: 'free' | 'held' | 'failing' = 'free';
    const node = await open({
      around: (store) => ({
        ...store,
        commit: async (block, state) => {
          if (way !== 'free') {
            begin();
            await opened;
          }
          if (way === 'failing') throw new Error('the disk is full');
          await store.commit(block, state);
        },
      }),
    });
    return {
      ...{ node, release, writing },
      hold: (next: typeof way): void => void (way = next),
    };
  }

  it('says that a number is used, or a height passed, when the block that says so is on disk', async () => {
    const { node, release, writing, hold } = await openHeld();
    await node.engine.submit(note(1));
    const { height } = node.engine.status();
    hold('held');
    const [winner, rival] = [note(2, 'a'), note(2, 'b')];
    const late = sign(operationOf(put, { id: 'probe-1', note: 'x' }), {
      ...{ sequence: 3, expiryHeight: height + 1 },
    });
    const order: string[] = [];
    const told = async (bytes: Uint8Array): Promise<string> => {
      const word = wordOf(await node.engine.submit(bytes));
      order.push(word);
      return word;
    };
    const first = [told(winner), told(rival)];
    await writing;
    // Judged by a block that no disk has yet.
    const second = [told(note(2, 'c')), told(late)];
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(order).to.deep.equal([]);
    hold('free');
    release();
    expect(await Promise.all(first)).to.deep.equal(['OK', 'SEQUENCE_USED']);
    expect(await Promise.all(second)).to.deep.equal(['SEQUENCE_USED', 'ENVELOPE_EXPIRED']);
  });

  it('says neither where that block never comes to the disk: a restart may take the bytes yet', async () => {
    const { node, release, writing, hold } = await openHeld();
    await node.engine.submit(note(1));
    hold('failing');
    const submitted = [note(2, 'a'), note(2, 'b')].map((bytes) => node.engine.submit(bytes));
    await writing;
    submitted.push(node.engine.submit(note(2, 'c')));
    release();
    for (const outcome of await Promise.allSettled(submitted)) {
      expect(outcome).to.have.nested.property('reason.code', 'ENGINE_STORE_FAILED');
    }
    await node.close();
    nodes = [];
    const again = await open();
    expect(wordOf(await again.engine.submit(note(2, 'b')))).to.equal('OK');
  });
});
