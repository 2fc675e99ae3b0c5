import { expect } from 'chai';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fromUtf8, toHex, utf8 } from '../../src/base/bytes.ts';
import type { MerkleLog } from '../../src/base/merkle.ts';
import { cosign } from '../../src/chain/checkpoint/cosignature.ts';
import { isSignedByLog } from '../../src/chain/checkpoint/log-signature.ts';
import { formatNote, formatVerifierKey, parseNote } from '../../src/chain/checkpoint/note.ts';
import { parsePolicy, type Policy } from '../../src/chain/checkpoint/policy.ts';
import { witnessKeyOf } from '../../src/chain/checkpoint/cosignature.ts';
import type { Checkpoint } from '../../src/chain/engine/engine.ts';
import { verifyEd25519 } from '../../src/chain/tx/signature.ts';
import type { SigningKey } from '../../src/chain/tx/signing-key.ts';
import { Publisher } from '../../src/publication/publisher.ts';
import { witnessServer } from '../../src/witness/server.ts';
import { makeLog, reader } from '../chain/checkpoint/tree.ts';
import { keyOf } from '../chain/test-chain.ts';
import { newWitness, operator, origin, type TestWitness } from '../witness/world.ts';

/** As much of an engine as publishing needs; blocks are made by hand. */
class FakeEngine {
  log: MerkleLog;
  size: number;
  readonly #listeners = new Set<(height: number) => void>();
  /** How often somebody asked for the checkpoint. */
  looks = 0;

  constructor(log: MerkleLog, size: number) {
    this.log = log;
    this.size = size;
  }

  checkpoint(): Checkpoint | null {
    this.looks += 1;
    if (this.size === 0) return null;
    const header = {
      height: this.size,
      logSize: this.size,
      logRoot: toHex(this.log.root(this.size)),
    };
    return {
      header,
      headerBytes: utf8(`header ${this.size}`),
      signature: new Uint8Array(64),
    } as never;
  }

  subtreeHash(height: number, index: number): Uint8Array | null {
    return (index + 1) * 2 ** height <= this.size ? reader(this.log)({ height, index }) : null;
  }

  onBlock(listener: (height: number) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  grow(size: number): void {
    this.size = size;
    for (const listener of this.#listeners) listener(size);
  }
}

const history = makeLog(600);
const other = makeLog(600, 300);
const nowS = (): number => Math.floor(Date.now() / 1000);

const keys = ['w1', 'w2', 'w3'].map((name) => ({
  name: `witness.example/${name}`,
  key: keyOf(name),
}));

function policyOf(lines: string): Policy {
  const policy = parsePolicy(lines);
  if ('problem' in policy) throw new Error(policy.problem);
  return policy;
}

/** Two of three, that nobody can call. */
const twoOfThree = policyOf(
  `${keys.map(({ name, key }, at) => `witness w${at + 1} ${formatVerifierKey(witnessKeyOf(name, key))}`).join('\n')}
group g 2 w1 w2 w3
quorum g`,
);

async function until(met: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (met()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`never: ${what}`);
}

describe('publishing the log', () => {
  let folder: string;
  let file: string;
  const problems: string[] = [];
  const open: Publisher[] = [];
  const servers: Server[] = [];
  const witnesses: TestWitness[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dxl-publish-'));
    file = path.join(folder, 'notes.json');
    problems.length = 0;
  });
  afterEach(async () => {
    for (const publisher of open.splice(0)) await publisher.stop();
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
    for (const witness of witnesses.splice(0)) await witness.remove();
    await rm(folder, { recursive: true, force: true });
  });

  async function publish(engine: FakeEngine, policy = twoOfThree, mayLag = false) {
    const publisher = await Publisher.open({
      ...{ engine, origin, policy, file, mayLag },
      key: operator,
      keyClaim: null,
      verify: verifyEd25519,
      intervalMs: 5,
      retryMs: 10,
      now: Date.now,
      onProblem: (problem) => problems.push(problem),
    });
    open.push(publisher);
    return publisher;
  }

  const noted = (publisher: Publisher, size: number): Promise<void> =>
    until(() => publisher.latest()?.logSize === size, `a note of ${size} leaves`);

  const bring = (publisher: Publisher, which: number, timeS = nowS(), key?: SigningKey) => {
    const note = parseNote(publisher.latest()?.bytes ?? new Uint8Array());
    const witness = keys[which];
    if (!note || !witness) throw new Error('there is a note and a witness');
    const own = cosign(note.text, timeS, witness.name, key ?? witness.key);
    return publisher.deliver(utf8(formatNote({ text: note.text, signatures: [own] })));
  };

  /** A witness in a process's place, behind HTTP. */
  async function serveWitness(
    port = 0,
  ): Promise<{ witness: TestWitness; url: string; server: Server }> {
    const witness = await newWitness(null);
    witnesses.push(witness);
    const server = witnessServer(witness.witness, () => undefined);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { witness, url, server };
  }

  it('signs a note for what is committed, and keeps it before it shows it', async () => {
    const engine = new FakeEngine(history, 0);
    const publisher = await publish(engine);
    expect(publisher.latest()).to.equal(null);
    engine.grow(300);
    await noted(publisher, 300);
    const note = publisher.latest();
    const parsed = note && parseNote(note.bytes);
    expect(parsed && isSignedByLog(parsed, publisher.logKey, verifyEd25519)).to.equal(true);
    expect(note?.headerHash).to.match(/^[0-9a-f]{64}$/);
    const kept = JSON.parse(await readFile(file, 'utf8')) as { latest: string };
    expect(kept.latest).to.equal(fromUtf8(note?.bytes ?? new Uint8Array()));
  });

  it('calls a checkpoint witnessed at k of n distinct witnesses, and not before', async () => {
    const engine = new FakeEngine(history, 300);
    const publisher = await publish(engine);
    await noted(publisher, 300);
    expect(publisher.required).to.equal(2);
    expect(await bring(publisher, 0)).to.deep.equal({ outcome: 'taken', witnesses: ['w1'] });
    expect(publisher.witnessed()).to.equal(null);
    // The same one again, later: still one.
    await bring(publisher, 0, nowS() + 1);
    await bring(publisher, 0, nowS() + 2);
    expect(publisher.witnessed()).to.equal(null);
    expect(parseNote(publisher.latest()?.bytes ?? new Uint8Array())?.signatures).to.have.length(2);
    // Under the name of another, with its own key.
    expect(await bring(publisher, 1, nowS(), keyOf('w1'))).to.deep.equal({ outcome: 'no-witness' });
    expect(await bring(publisher, 1, nowS() - 601)).to.deep.equal({ outcome: 'no-witness' });
    expect(await bring(publisher, 1, nowS() + 310)).to.deep.equal({ outcome: 'no-witness' });
    expect(publisher.witnessed()).to.equal(null);
    await bring(publisher, 2);
    expect(publisher.witnessed()?.logSize).to.equal(300);
    expect([...(publisher.witnessed()?.cosigned.keys() ?? [])].sort()).to.deep.equal(['w1', 'w3']);
  });

  it('goes on without its witnesses; only the mark stays behind, and says so', async () => {
    const { witness, url, server } = await serveWitness();
    const key = formatVerifierKey(witness.witness.key);
    const engine = new FakeEngine(history, 100);
    const publisher = await publish(engine, policyOf(`witness w ${key} ${url}\nquorum w`));
    await until(() => publisher.witnessed()?.logSize === 100, 'witnessed at 100');
    server.closeAllConnections();
    server.close();
    engine.grow(200);
    await noted(publisher, 200);
    await until(() => publisher.witnesses()[0]?.problem !== null, 'the problem shows');
    expect(publisher.witnessed()?.logSize).to.equal(100);
    expect(problems.join()).to.include('witness w: ');
    // It comes back, on the same port, and is brought the newest note from where it stands.
    const again = witnessServer(witness.witness, () => undefined);
    servers.push(again);
    await new Promise<void>((resolve) =>
      again.listen(Number(new URL(url).port), '127.0.0.1', resolve),
    );
    await until(() => publisher.witnessed()?.logSize === 200, 'witnessed at 200');
    await until(() => publisher.witnesses()[0]?.problem === null, 'the problem is over');
    expect(publisher.witnesses()[0]).to.include({ logSize: 200 });
  });

  it('goes on after a restart, with what was witnessed, and learns where its witness stands', async () => {
    const { witness, url } = await serveWitness();
    const policy = policyOf(`witness w ${formatVerifierKey(witness.witness.key)} ${url}\nquorum w`);
    const engine = new FakeEngine(history, 257);
    const first = await publish(engine, policy);
    await until(() => first.witnessed()?.logSize === 257, 'witnessed at 257');
    await first.stop();
    const second = await publish(engine, policy);
    expect(second.witnessed()?.logSize).to.equal(257);
    engine.grow(600);
    await until(() => second.witnessed()?.logSize === 600, 'witnessed at 600');
    expect(witness.witness.memory(origin)?.body.size).to.equal(600);
    expect(problems).to.deep.equal([]);
  });

  it('gets no cosignature for a forked log, and says why', async () => {
    const { witness, url } = await serveWitness();
    const policy = policyOf(`witness w ${formatVerifierKey(witness.witness.key)} ${url}\nquorum w`);
    const engine = new FakeEngine(history, 450);
    const honest = await publish(engine, policy);
    await until(() => honest.witnessed()?.logSize === 450, 'witnessed at 450');
    await honest.stop();
    // The operator begins a second history from its database of before, and hides the kept notes.
    await rm(file);
    const forger = await publish(new FakeEngine(other, 600), policy);
    await until(() => forger.witnesses()[0]?.problem !== null, 'the witness refuses');
    expect(forger.witnesses()[0]?.problem).to.include('422');
    expect(forger.witnessed()).to.equal(null);
    expect(witness.witness.memory(origin)?.body.size).to.equal(450);
    // And at a size that was witnessed, it proves its own fork.
    await forger.stop();
    await rm(file);
    const bold = await publish(new FakeEngine(other, 450), policy);
    await until(() => witness.alerts.length > 1, 'the alert');
    expect(witness.alerts.at(-1)).to.include('SIGNED TWO HISTORIES');
    expect(bold.witnessed()).to.equal(null);
  });

  const rollbacks: readonly [what: string, engine: () => FakeEngine][] = [
    ['an older database', () => new FakeEngine(history, 200)],
    ['an empty database', () => new FakeEngine(history, 0)],
    ['another history', () => new FakeEngine(other, 600)],
  ];
  for (const [what, engine] of rollbacks) {
    it(`refuses to start on ${what} than it has signed notes of`, async () => {
      const first = await publish(new FakeEngine(history, 450));
      await noted(first, 450);
      await first.stop();
      const refused = await publish(engine()).then(
        () => null,
        (error: unknown) => error as { code: string; message: string },
      );
      expect(refused?.code).to.equal('LOG_ROLLED_BACK');
      expect(refused?.message).to.include('Restore the newest database');
    });
  }

  it('lets a validator catch up with what it signed, and signs nothing until then', async () => {
    const first = await publish(new FakeEngine(history, 450));
    await noted(first, 450);
    await first.stop();
    const engine = new FakeEngine(history, 200);
    const second = await publish(engine, twoOfThree, true);
    engine.grow(300);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(second.latest()?.logSize).to.equal(450);
    engine.grow(500);
    await noted(second, 500);
    await second.stop();
    const forked = new FakeEngine(other, 200);
    const third = await publish(forked, twoOfThree, true);
    forked.grow(600);
    await until(() => problems.length > 0, 'the fork is told');
    expect(third.latest()?.logSize).to.equal(500);
    expect(problems[0]).to.match(
      /^The database holds a log of 600 leaves which is no continuation/,
    );
    // It is looked at again at leisure, and told once.
    const looks = forked.looks;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(forked.looks - looks).to.be.below(30);
    expect(problems).to.have.length(1);
  });

  it('refuses a file of kept notes that is damaged', async () => {
    await writeFile(file, '{"format":"dxl-log-notes/1","latest":"x","witnessed":null}');
    for (const text of [null, 'not JSON', '{}']) {
      if (text !== null) await writeFile(file, text);
      const refused = await publish(new FakeEngine(history, 10)).then(
        () => null,
        (error: unknown) => (error as { code: string }).code,
      );
      expect(refused).to.equal('LOG_NOTES_UNREADABLE');
    }
  });
});
