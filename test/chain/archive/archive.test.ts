import { expect } from 'chai';
import { equalBytes } from '../../../src/base/bytes.ts';
import type { CborValue } from '../../../src/base/cbor.ts';
import { OperationalError } from '../../../src/base/operational-error.ts';
import { findPart } from '../../../src/chain/archive/archive-part.ts';
import { ArchiveError } from '../../../src/chain/archive/archive-error.ts';
import { checkArchive, type ArchiveReport } from '../../../src/chain/archive/check-archive.ts';
import { readFrames } from '../../../src/chain/archive/frame.ts';
import { checkLedger } from '../../../src/chain/fsck/check-ledger.ts';
import { genesisHash } from '../../../src/chain/machine/genesis.ts';
import { openAuditReader } from '../../../src/store/audit-reader.ts';
import { freshDatabase, type FreshDatabase } from '../../support/database.ts';
import { play } from '../played-ledger.ts';
import { put } from '../probe-room.ts';
import { beginMs, operationOf, sign, testGenesis, testParts } from '../test-chain.ts';
import { openNode, wordOf } from '../test-node.ts';
import { digestsOf, exportDatabase, forged, importInto, pieces } from './test-archive.ts';

const errorOf = async (work: Promise<unknown>): Promise<OperationalError> => {
  const error: unknown = await work.then(
    () => null,
    (cause: unknown) => cause,
  );
  expect(error).to.be.instanceOf(OperationalError);
  return error as OperationalError;
};

describe('chain/archive: the log as a file (M-95 to M-99)', () => {
  const databases: FreshDatabase[] = [];
  const fresh = async (): Promise<string> => {
    const database = await freshDatabase();
    databases.push(database);
    return database.url;
  };
  let url: string;
  let file: Uint8Array;
  let head = 0;
  let frames = 0;

  before(async () => {
    url = await fresh();
    const clock = { nowMs: beginMs };
    const node = await openNode(url, { clock: () => clock.nowMs });
    await play(node, clock);
    head = node.engine.status().height;
    await node.close();
    const { bytes, report } = await exportDatabase(url);
    file = bytes;
    frames = report.frames;
    expect(frames).to.be.greaterThan(4);
  });
  afterEach(async () => {
    for (const { drop } of databases.splice(1)) await drop();
  });
  after(async () => {
    for (const { drop } of databases) await drop();
  });

  const audit = (
    bytes: Uint8Array,
    genesis = testGenesis(),
    read: (bytes: Uint8Array) => AsyncIterable<Uint8Array> = pieces,
  ): Promise<ArchiveReport> =>
    checkArchive({
      source: read(bytes),
      genesis,
      parts: async () => testParts,
      invariants: () => [],
    });

  it('gives a ledger that is equal in every table, by hash', async () => {
    const target = await fresh();
    const report = await importInto(target, pieces(file, 7), {
      genesisHash: genesisHash(testGenesis()),
    });
    expect(report).to.include({ from: 0, imported: head, height: head, signed: head, reworded: 0 });
    const original = await digestsOf(url);
    expect(original).to.have.length(9);
    expect(original.every(({ rows }) => rows > 0)).to.equal(true);
    expect(await digestsOf(target)).to.deep.equal(original);
    const reader = await openAuditReader(target);
    const audited = await checkLedger({
      reader,
      genesis: testGenesis(),
      parts: testParts,
      invariants: () => [],
    }).finally(() => reader.close());
    expect(audited.findings).to.deep.equal([]);
  });

  it('goes on as a node after the import, and takes a later export of the same chain', async () => {
    const target = await fresh();
    await importInto(target, pieces(file));
    const node = await openNode(target, { clock: () => beginMs + 60_000 });
    const outcome = await node.engine.submit(
      sign(operationOf(put, { id: 'probe-1', note: 'later' }), { sequence: 8 }),
    );
    expect(wordOf(outcome)).to.equal('OK');
    await node.projector.advance();
    await node.close();
    const later = await exportDatabase(target);
    expect(later.report.height).to.equal(head + 1);
    const behind = await fresh();
    await importInto(behind, pieces(file));
    const more = await importInto(behind, pieces(later.bytes));
    expect(more).to.include({ from: head, imported: 1, height: head + 1 });
    expect(await digestsOf(behind)).to.deep.equal(await digestsOf(target));
    // The ledger is beyond the file: nothing to do.
    expect(await importInto(behind, pieces(file))).to.include({ from: head + 1, imported: 0 });
  });

  const neverOpened = (): never => {
    throw new OperationalError('NOT_OPENED', 'not opened');
  };

  it('is the same bytes for the same blocks, compressed or not, and says how far it came', async () => {
    expect(equalBytes((await exportDatabase(url)).bytes, file)).to.equal(true);
    const { bytes, report } = await exportDatabase(url, { level: 0 });
    expect(bytes.length).to.be.greaterThan(file.length);
    expect(report).to.include({ height: head, bytes: bytes.length });
    expect((await audit(bytes)).findings).to.deep.equal([]);
  });

  it('audits a whole file as sound, without a database', async () => {
    const report = await audit(file);
    expect(report.findings).to.deep.equal([]);
    expect(report).to.include({ sound: true, height: head, replayed: head, signed: head });
    expect(report.bytes).to.equal(file.length);
  });

  it('is refused by who expects another chain, before anything is opened', async () => {
    const other = testGenesis({ timeMs: beginMs - 1 });
    const error = await errorOf(
      importInto(url, pieces(file), { genesisHash: genesisHash(other), open: neverOpened }),
    );
    expect(error.code).to.equal('IMPORT_OTHER_CHAIN');
    const { findings } = await audit(file, other);
    expect(findings[0]).to.include({ table: 'genesis', column: 'document' });
  });

  it('is refused by a ledger of another chain or another history', async () => {
    const otherChain = await fresh();
    await (await openNode(otherChain, { genesis: testGenesis({ timeMs: beginMs - 1 }) })).close();
    expect((await errorOf(importInto(otherChain, pieces(file)))).code).to.equal(
      'STORE_OTHER_CHAIN',
    );
    const otherHistory = await fresh();
    const node = await openNode(otherHistory);
    await node.engine.submit(sign(operationOf(put, { id: 'probe-9', note: 'x' }), { sequence: 1 }));
    await node.close();
    const before = await digestsOf(otherHistory);
    expect((await errorOf(importInto(otherHistory, pieces(file)))).code).to.equal(
      'IMPORT_OTHER_HISTORY',
    );
    expect((await digestsOf(otherHistory)).slice(0, 6)).to.deep.equal(before.slice(0, 6));
  });

  it('names frame and offset wherever a byte is changed, in import and audit', async function () {
    this.timeout(300_000);
    const target = await fresh();
    let changes = 0;
    for (let at = 0; at < file.length; at += at < 400 ? 1 : 37) {
      const changed = file.slice();
      changed[at]! ^= 1 << (at % 8);
      const { sound, findings } = await audit(changed);
      expect(sound, `byte ${at}`).to.equal(false);
      expect(findings.map(({ table }) => table)).to.deep.equal(['frame']);
      const offset = Number(/at byte ([0-9]+)/.exec(findings[0]!.problem)?.[1]);
      expect(offset, `byte ${at}`).to.be.at.most(at);
      expect(at - offset).to.be.below(file.length);
      if (changes % 20 === 0) {
        const error = await errorOf(importInto(target, pieces(changed)));
        expect(error).to.be.instanceOf(ArchiveError);
        expect((error as ArchiveError).offset).to.equal(offset);
      }
      changes += 1;
    }
    expect(changes).to.be.greaterThan(400);
    // What was imported from damaged files is sound: the whole one goes on from there.
    await importInto(target, pieces(file));
    expect(await digestsOf(target)).to.deep.equal(await digestsOf(url));
  });

  /** Changes by somebody who makes every hash of the file anew. */
  const forgeries: readonly [what: string, change: (blocks: Forged) => void, found: RegExp][] = [
    ['header', (blocks) => flip(blocks[0]!, 0), /^(block 2|frame)/],
    ['signature', (blocks) => flip(blocks[0]!, 1), /^block 2 signature/],
    ['envelope', (blocks) => flip(envelopeIn(blocks), 0), /^(block|envelope) /],
    ['result code', (blocks) => (envelopeIn(blocks)[1] = 77n), /^envelope \S+ result_code/],
    ['operation', (blocks) => (envelopeIn(blocks)[2] = 7n), /^envelope \S+ failed_operation/],
    ['log index', (blocks) => (envelopeIn(blocks)[3] = 777n), /^envelope \S+ log_index/],
    ['detail', (blocks) => (envelopeIn(blocks)[4] = 'forged'), /^envelope \S+ detail/],
    ['leaf', (blocks) => flip(leavesIn(blocks), 0), /^leaf \d+ bytes/],
    ['leaf taken out', (blocks) => leavesIn(blocks).pop(), /^(leaf|frame) /],
    ['leaf added', (blocks) => leavesIn(blocks).push(Uint8Array.of(0x80)), /^(leaf|frame) /],
    ['envelope taken out', (blocks) => blocks[0]![2].pop(), /^(block|envelope|frame) /],
    ['block taken out', (blocks) => blocks.shift(), /^(block|frame) /],
    ['block repeated', (blocks) => blocks.push(blocks[0]!), /^(block|frame) /],
  ];
  type Forged = [Uint8Array, Uint8Array, CborValue[][], Uint8Array[]][];
  const envelopeIn = (blocks: Forged): CborValue[] =>
    blocks.find(([, , envelopes]) => envelopes.length > 0)![2][0]!;
  const leavesIn = (blocks: Forged): Uint8Array[] => blocks[0]![3];
  const flip = (list: CborValue[], at: number): void => {
    const bytes = Uint8Array.from(list[at] as Uint8Array);
    bytes[bytes.length >> 1]! ^= 1;
    list[at] = bytes;
  };

  for (const [what, change, found] of forgeries) {
    it(`is not fooled by a changed ${what} under hashes made anew`, async () => {
      const changed = await forged(file, 2, (blocks) => change(blocks as unknown as Forged));
      const { sound, findings } = await audit(changed);
      expect(sound).to.equal(false);
      const named = findings.map(({ table, row, column }) => `${table} ${row} ${column ?? ''}`);
      expect(
        named.some((name) => found.test(name)),
        named.join(),
      ).to.equal(true);
      const problems = findings.map(({ problem }) => problem);
      expect(problems.every((problem) => /rame \d+ at byte \d+/.test(problem))).to.equal(true);
      const target = await fresh();
      if (what === 'detail') {
        expect((await importInto(target, pieces(changed))).reworded).to.equal(1);
        expect(await digestsOf(target)).to.deep.equal(await digestsOf(url));
        return;
      }
      const error = await errorOf(importInto(target, pieces(changed)));
      expect(error.code).to.be.oneOf(['ARCHIVE_ALTERED', 'ARCHIVE_DAMAGED']);
      // What had been written is sound: the true file goes on from it.
      await importInto(target, pieces(file));
      expect(await digestsOf(target)).to.deep.equal(await digestsOf(url));
    });
  }

  it('is not fooled by another end, or another genesis, under hashes made anew', async () => {
    for (const at of [0, 1, 2, 3, 4, 5, 6]) {
      const changed = await forged(file, frames - 1, (end) => {
        const value = end[at];
        if (typeof value === 'bigint') end[at] = value + 1n;
        else flip(end, at);
      });
      const { findings } = await audit(changed);
      expect(findings.map(({ table }) => table)).to.deep.equal(['frame']);
      expect((await errorOf(importInto(await fresh(), pieces(changed)))).code).to.equal(
        'ARCHIVE_ALTERED',
      );
    }
    const changed = await forged(file, 0, (first) => flip(first, 0));
    expect((await audit(changed)).findings[0]).to.include({ table: 'genesis' });
  });

  it('takes numbers for numbers only, under hashes made anew', async () => {
    for (const at of [0, 1, 4, 6]) {
      const changed = await forged(file, frames - 1, (end) => {
        end[at] = String(end[at]);
      });
      const { findings } = await audit(changed);
      expect(findings[0]?.problem).to.include('it is no end frame');
    }
    for (const at of [1, 3]) {
      const changed = await forged(file, 2, (blocks) => {
        const envelope = envelopeIn(blocks as unknown as Forged);
        envelope[at] = String(envelope[at]);
      });
      const { findings } = await audit(changed);
      expect(findings[0]?.problem).to.include('is not laid out as one');
    }
  });

  it('lets go of a file that it does not read to its end', async () => {
    let closed = 0;
    async function* watched(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
      try {
        yield* pieces(bytes);
      } finally {
        closed += 1;
      }
    }
    const damaged = Uint8Array.from(file);
    damaged[200]! ^= 1;
    expect((await audit(damaged, testGenesis(), watched)).sound).to.equal(false);
    for await (const frame of readFrames(watched(file))) {
      expect(frame.at.frame).to.equal(0);
      break;
    }
    expect(closed).to.equal(2);
  });

  it('names where a file was cut off', async () => {
    const ends: number[] = [];
    for await (const { end } of readFrames(pieces(file))) ends.push(end.offset);
    for (const length of [0, 5, 13, 20, ...ends.slice(0, -1), file.length - 1]) {
      const { findings } = await audit(file.subarray(0, length));
      expect(findings, `${length} bytes`).to.have.length(1);
      expect(findings[0]!.problem).to.match(/^Frame \d+ at byte \d+: (the file|it) ends/);
    }
    const { findings } = await audit(new Uint8Array([...file, 0]));
    expect(findings[0]!.problem).to.include('bytes follow the end frame');
  });

  it('becomes the same file when it goes on after being cut off anywhere', async function () {
    this.timeout(300_000);
    for (let length = 14; length <= file.length; length += 211) {
      const { part } = await findPart(pieces(file.subarray(0, length)));
      const { bytes } = await exportDatabase(url, { resumed: part });
      const kept = file.subarray(0, part?.place.offset ?? 0);
      expect(equalBytes(new Uint8Array([...kept, ...bytes]), file), `${length} bytes`).to.equal(
        true,
      );
    }
    const { part, complete } = await findPart(pieces(file));
    expect(complete).to.equal(true);
    const { bytes } = await exportDatabase(url, { resumed: part });
    const kept = file.subarray(0, part?.place.offset ?? 0);
    expect(equalBytes(new Uint8Array([...kept, ...bytes]), file)).to.equal(true);
  });

  it('goes on only with the ledger that it was begun from', async () => {
    const { part } = await findPart(pieces(file));
    const other = await fresh();
    await (await openNode(other, { genesis: testGenesis({ timeMs: beginMs - 1 }) })).close();
    const error = await errorOf(exportDatabase(other, { resumed: part }));
    expect(error.code).to.be.oneOf(['EXPORT_OTHER_CHAIN', 'EXPORT_HEIGHT']);
  });
});
