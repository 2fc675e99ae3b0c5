/**
 * Blocks and envelopes per second of the embedded engine with every block durable in PostgreSQL,
 * against what bounds it: bare Ed25519 verification on one core, in the same run. The machine
 * verifies each signature once and on the engine's own thread. Rates are of this hardware; the
 * ratios travel.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fromHex, toHex, utf8 } from '../src/base/bytes.ts';
import { toCbor } from '../src/base/codec.ts';
import { sha256 } from '../src/base/hash.ts';
import type { Outcome } from '../src/base/result.ts';
import type { Operation } from '../src/base/room.ts';
import type { Static, TObject } from '../src/base/schema.ts';
import { EmbeddedEngine } from '../src/chain/engine/embedded.ts';
import { openMachine } from '../src/chain/engine/open.ts';
import { Machine } from '../src/chain/machine/machine.ts';
import { exchangeParts } from '../src/chain/rooms.ts';
import {
  parseEnvelope,
  signatureInput,
  signEnvelope,
  type EnvelopeOperation,
} from '../src/chain/tx/envelope.ts';
import { signingKeyFromSeed, verifyEd25519 } from '../src/chain/tx/signature.ts';
import type { SigningKey } from '../src/chain/tx/signing-key.ts';
import { addKey } from '../src/identity/add-key.ts';
import { admit } from '../src/identity/admit.ts';
import { reinstate, suspend } from '../src/identity/change-standing.ts';
import { possessionClaim } from '../src/identity/possession.ts';
import { defaultParameters, makeGenesis } from '../src/node/make-genesis.ts';
import { proofVerifierOf } from '../src/node/verification-keys.ts';
import { openBlockStore } from '../src/store/block-store.ts';
import { openDataSource } from '../src/store/data-source.ts';
import { startPostgres } from '../src/store/postgres/start.ts';
import { creditCodeOf } from '../test/support/credit-code.ts';

const chainId = 'dxl-bench';
const signers = 16;
const organisations = 512;
const parameters = { ...defaultParameters, sequenceWindow: 1_024 };
const keyOf = (name: string): SigningKey => signingKeyFromSeed(sha256(utf8(`bench ${name}`)));
const operator = keyOf('operator');
const blockSigner = keyOf('block signer');

const operationOf = <Schema extends TObject>(
  operation: Operation<Schema>,
  command: Static<Schema>,
): EnvelopeOperation => ({ number: operation.number, command: toCbor(operation.command, command) });

const possessionOf = (key: SigningKey, organisationId: string): string =>
  toHex(key.sign(possessionClaim(chainId, organisationId, key.publicKey)));

/** Envelopes signed one after the other; each changes one record per operation. */
class Signer {
  readonly #key: SigningKey;
  readonly #organisations: readonly string[];
  #sequence = 0;
  #turn = 0;

  constructor(key: SigningKey, own: readonly string[]) {
    this.#key = key;
    this.#organisations = own;
  }

  sign(operations: readonly EnvelopeOperation[]): Uint8Array {
    this.#sequence += 1;
    const content = { sequence: this.#sequence, expiryHeight: 50_000, operations };
    return signEnvelope(chainId, this.#key, content);
  }

  /** Suspends every organisation of its own in turn, then reinstates them, and so on. */
  next(count: number): Uint8Array {
    const operations = Array.from({ length: count }, () => {
      const own = this.#organisations.length;
      const organisationId = this.#organisations[this.#turn % own] ?? '';
      const verb = Math.floor(this.#turn / own) % 2 === 0 ? suspend : reinstate;
      this.#turn += 1;
      return operationOf(verb, { organisationId, reason: 'measured in a benchmark' });
    });
    return this.sign(operations);
  }
}

async function openNode(url: string) {
  const made = await makeGenesis({
    chainId,
    mode: 'development',
    timeMs: Date.now(),
    rules: 'demo',
    blockSigner: blockSigner.publicKey,
    operator: {
      organisationId: 'operator',
      name: 'Operator',
      creditCode: creditCodeOf('operator'),
      jurisdiction: 'CN',
      publicKey: operator.publicKey,
      encryptionKey: '11'.repeat(32),
    },
  });
  const genesis = { ...made, parameters };
  const dataSource = await openDataSource(url);
  const store = await openBlockStore({ dataSource, url });
  const parts = { ...exchangeParts, verifyProof: proofVerifierOf(new Map()) };
  const machine = new Machine(genesis, parts);
  const engine = new EmbeddedEngine({
    machine,
    store,
    blockSigner,
    checkpoint: await openMachine(machine, store),
    clock: Date.now,
    blockIntervalMs: 1,
    pendingMax: 20_000,
    pendingPerKeyMax: 1_024,
    onFailure: (error) => {
      throw error;
    },
  });
  const close = async (): Promise<void> => {
    await engine.stop();
    await store.close();
    await dataSource.destroy();
  };
  return { engine, close };
}

function applied(outcome: Outcome<{ resultCode: number; detail: string }>): void {
  if (!outcome.ok) throw new Error(`${outcome.result.name}: ${outcome.detail}`);
  if (outcome.value.resultCode !== 0) throw new Error(outcome.value.detail);
}

/** Admits the organisations, and gives the operator a key for each signer. */
async function prepare(engine: EmbeddedEngine): Promise<Signer[]> {
  const first = new Signer(operator, []);
  const ids = Array.from({ length: organisations }, (_, at) => `organisation-${at}`);
  for (const id of ids) {
    const { publicKey } = keyOf(id);
    const command = {
      organisationId: id,
      name: id,
      creditCode: creditCodeOf(id),
      jurisdiction: 'CN',
      beneficialOwner: null,
      encryptionKey: '22'.repeat(32),
      roles: ['SELLER' as const],
      publicKey,
      possession: possessionOf(keyOf(id), id),
    };
    applied(await engine.submit(first.sign([operationOf(admit, command)])));
  }
  const made: Signer[] = [];
  for (let at = 0; at < signers; at += 1) {
    const key = keyOf(`signer ${at}`);
    const command = {
      publicKey: key.publicKey,
      roles: ['OPERATOR' as const],
      possession: possessionOf(key, 'operator'),
    };
    applied(await engine.submit(first.sign([operationOf(addKey, command)])));
    made.push(
      new Signer(
        key,
        ids.filter((_, index) => index % signers === at),
      ),
    );
  }
  return made;
}

interface Measured {
  readonly seconds: number;
  readonly envelopes: number;
  readonly operations: number;
  readonly blocks: number;
  readonly envelopeBytes: number;
}

/** @param each envelopes of each signer that are in flight at once; signed before the clock. */
async function measure(
  engine: EmbeddedEngine,
  by: readonly Signer[],
  rounds: number,
  each: number,
  operations: number,
): Promise<Measured> {
  const sent = Array.from({ length: rounds }, () =>
    by.flatMap((signer) => Array.from({ length: each }, () => signer.next(operations))),
  );
  const before = engine.status().height;
  const start = performance.now();
  for (const round of sent) {
    for (const outcome of await Promise.all(round.map((bytes) => engine.submit(bytes)))) {
      applied(outcome);
    }
  }
  const seconds = (performance.now() - start) / 1_000;
  const envelopes = rounds * by.length * each;
  return {
    seconds,
    envelopes,
    operations: envelopes * operations,
    blocks: engine.status().height - before,
    envelopeBytes: sent[0]?.[0]?.length ?? 0,
  };
}

/** Verifications per second on this thread, of envelopes like those measured. */
function verificationRate(): number {
  const signer = new Signer(operator, ['organisation-0']);
  const publicKey = fromHex(operator.publicKey);
  const items = Array.from({ length: 4_000 }, () => {
    const parsed = parseEnvelope(signer.next(1), parameters);
    if (!parsed.ok) throw new Error(parsed.detail);
    const { keyId, payload, signature } = parsed.value;
    return { message: signatureInput(chainId, fromHex(keyId), payload), signature };
  });
  const start = performance.now();
  const good = items.every(({ message, signature }) =>
    verifyEd25519(publicKey, message, signature),
  );
  if (!good) throw new Error('a signature does not verify');
  return items.length / ((performance.now() - start) / 1_000);
}

async function commitOf(): Promise<string | null> {
  const found = await promisify(execFile)('git', ['rev-parse', 'HEAD']).catch(() => null);
  return found?.stdout.trim() ?? null;
}

const round = (value: number, digits = 0): number => Number(value.toFixed(digits));

async function run(url: string, postgresVersion: string): Promise<void> {
  const { engine, close } = await openNode(url);
  const by = await prepare(engine);
  await measure(engine, by, 4, 16, 1); // Warm.
  const verificationsBefore = verificationRate();
  const raw: Record<string, Measured> = {
    'one after another': await measure(engine, by.slice(0, 1), 500, 1, 1),
    'at once, 1 operation': await measure(engine, by, 8, 64, 1),
    'at once, 16 operations': await measure(engine, by, 8, 64, 16),
  };
  await close();
  const verifications = (verificationsBefore + verificationRate()) / 2;
  const rows = Object.entries(raw).map(([scenario, found]) => ({
    scenario,
    'envelopes/s': round(found.envelopes / found.seconds),
    'operations/s': round(found.operations / found.seconds),
    'blocks/s': round(found.blocks / found.seconds, 1),
    'bytes/envelope': found.envelopeBytes,
    'of bare verification': round(found.envelopes / found.seconds / verifications, 3),
  }));
  const [cpu] = cpus();
  const hardware = {
    cpu: cpu?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: round(totalmem() / 2 ** 30),
    node: process.versions.node,
    postgres: postgresVersion,
  };
  const result = {
    what: 'identity.suspend and identity.reinstate through the embedded engine, fsync on',
    hardware,
    commit: await commitOf(),
    raw: { verificationsPerSecond: round(verifications), scenarios: raw },
    ratios: Object.fromEntries(rows.map((row) => [row.scenario, row['of bare verification']])),
  };
  const folder = new URL('results/', import.meta.url);
  await mkdir(folder, { recursive: true });
  await writeFile(new URL('envelopes.json', folder), `${JSON.stringify(result, null, 2)}\n`);
  console.log(`${hardware.cpu}, Node ${hardware.node}, PostgreSQL ${postgresVersion}`);
  console.log(`bare Ed25519 verification, one core: ${round(verifications)}/s`);
  console.table(rows);
}

const dataDir = await mkdtemp(join(tmpdir(), 'dxl-bench-'));
const postgres = await startPostgres({ dataDir, log: () => undefined });
try {
  await run(postgres.url, postgres.version);
} finally {
  await postgres.stop();
  await rm(dataDir, { recursive: true, force: true });
}
