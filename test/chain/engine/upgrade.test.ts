/** A data folder of a release before governance goes on to machine version 2, and where an older one ends. */
import { expect } from 'chai';
import type { Hex } from '../../../src/base/bytes.ts';
import { checkArchive } from '../../../src/chain/archive/check-archive.ts';
import { checkLedger } from '../../../src/chain/fsck/check-ledger.ts';
import type { MachineParts } from '../../../src/chain/machine/parts.ts';
import { openAuditReader } from '../../../src/store/audit-reader.ts';
import { freshDatabase, type FreshDatabase } from '../../support/database.ts';
import { digestsOf, exportDatabase, importInto, pieces } from '../archive/test-archive.ts';
import { play } from '../played-ledger.ts';
import { probeRecord } from '../probe-room.ts';
import { admission, beginMs, keyOf, sign, testGenesis } from '../test-chain.ts';
import { openNode, wordOf, type TestNode } from '../test-node.ts';
import {
  approving,
  before as beforeGovernance,
  now,
  older,
  raising,
  told,
} from '../upgrade-chain.ts';

const regulator = keyOf('regulator');
const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );
const named = { code: 'MACHINE_VERSION_UNKNOWN' };

describe('a ledger that goes on to the next machine version', () => {
  const databases: FreshDatabase[] = [];
  const fresh = async (): Promise<string> => {
    const database = await freshDatabase();
    databases.push(database);
    return database.url;
  };
  const clock = { nowMs: beginMs };
  const open = (url: string, parts: MachineParts): Promise<TestNode> =>
    openNode(url, { parts, clock: () => clock.nowMs });
  const send = async (node: TestNode, bytes: Uint8Array): Promise<string> => {
    clock.nowMs += 1_000;
    return wordOf(await node.engine.submit(bytes));
  };
  const hashes = async (node: TestNode): Promise<Hex[]> => {
    const found: Hex[] = [];
    for await (const { appHash } of node.store.readBlocks(1, 1_000)) found.push(appHash);
    return found;
  };

  let url: string;
  /** Of the blocks that the release before made. */
  let old: readonly Hex[];
  /** The first block by version 2. */
  let raisedFrom = 0;

  before(async () => {
    url = await fresh();
    const first = await open(url, beforeGovernance);
    await play(first, clock);
    old = await hashes(first);
    await first.close();

    const node = await open(url, now);
    const height = () => node.engine.status().height;
    expect(await send(node, sign(admission('regulator', ['REGULATOR']), { sequence: 8 }))).to.equal(
      'OK',
    );
    raisedFrom = height() + 4;
    expect(await send(node, sign(raising('raise', raisedFrom), { sequence: 9 }))).to.equal('OK');
    expect(await send(node, sign(approving('raise'), { key: regulator, sequence: 1 }))).to.equal(
      'OK',
    );
    for (let sequence = 10; height() < raisedFrom; sequence += 1) {
      expect(await send(node, sign(told(`told-${sequence}`), { sequence }))).to.equal('OK');
    }
    await node.projector.advance();
    await node.close();
  });
  after(async () => {
    for (const { drop } of databases) await drop();
  });

  it('executes by version 1 below the height and by version 2 from it on, after a restart too', async () => {
    const node = await open(url, now);
    try {
      const [last, lastButOne] = [node.engine.status().height, raisedFrom - 1];
      expect(last).to.equal(raisedFrom);
      const notes = new Map<number, string>();
      for (const sequence of [10, 11]) {
        const row = await node.engine.readRecord(probeRecord, `told-${sequence}`);
        if (row) notes.set(row.height, row.note);
      }
      expect(notes.get(lastButOne)).to.equal('by version 1');
      expect(notes.get(raisedFrom)).to.equal('by version 2');
      expect(await send(node, sign(told('restarted'), { sequence: 20 }))).to.equal('OK');
      const row = await node.engine.readRecord(probeRecord, 'restarted');
      expect(row?.note).to.equal('by version 2');
      expect((await hashes(node)).slice(0, old.length)).to.deep.equal(old);
      await node.projector.advance();
    } finally {
      await node.close();
    }
  });

  const audit = async (parts: MachineParts, at = url) => {
    const reader = await openAuditReader(at);
    const genesis = testGenesis();
    return checkLedger({ reader, genesis, parts, invariants: () => [] }).finally(() =>
      reader.close(),
    );
  };

  it('is sound in the audit, exported, imported equal in every table, and sound there', async () => {
    expect((await audit(now)).findings).to.deep.equal([]);
    const { bytes } = await exportDatabase(url);
    const checked = await checkArchive({
      ...{ source: pieces(bytes), genesis: testGenesis() },
      ...{ parts: async () => now, invariants: () => [] },
    });
    expect(checked.sound).to.equal(true);
    const target = await fresh();
    await importInto(target, pieces(bytes), { parts: now });
    expect(await digestsOf(target)).to.deep.equal(await digestsOf(url));
    expect((await audit(now, target)).findings).to.deep.equal([]);
  });

  it('is refused by an older program at its start, in its audit, and where it imports', async () => {
    const refused = await codeOf(open(url, older));
    expect(refused).to.include(named);
    expect(String(refused)).to.match(/Install a release that knows machine version 2/);
    expect(await codeOf(audit(older))).to.include(named);
    const { bytes } = await exportDatabase(url);
    const target = await fresh();
    expect(await codeOf(importInto(target, pieces(bytes), { parts: older }))).to.include(named);
    // What it has imported is sound, and a newer program goes on with it.
    await importInto(target, pieces(bytes), { parts: now });
    expect(await digestsOf(target)).to.deep.equal(await digestsOf(url));
  });

  it('ends an older node that runs, before the block, with all that it acknowledged on disk', async () => {
    const running = await fresh();
    const decider = await open(running, now);
    await send(decider, sign(admission('regulator', ['REGULATOR']), { sequence: 1 }));
    await send(decider, sign(raising('raise', 6), { sequence: 2 }));
    await decider.close();
    const node = await open(running, older);
    expect(await send(node, sign(approving('raise'), { key: regulator, sequence: 1 }))).to.equal(
      'OK',
    );
    let sequence = 3;
    while (node.engine.status().height < 5) {
      expect(await send(node, sign(told(`told-${sequence}`), { sequence }))).to.equal('OK');
      sequence += 1;
    }
    const last = sign(told('last'), { sequence });
    expect(await codeOf(send(node, last))).to.include(named);
    expect(node.failures.map(({ code }) => code)).to.deep.equal([named.code]);
    await node.close();
    const newer = await open(running, now);
    try {
      expect(newer.engine.status().height).to.equal(5);
      expect(await send(newer, last)).to.equal('OK');
      expect((await newer.engine.readRecord(probeRecord, 'last'))?.note).to.equal('by version 2');
    } finally {
      await newer.close();
    }
  });
});
