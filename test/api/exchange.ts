/** A node of the whole exchange, over a database of its own, behind the real API. */
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { defaultLimits, type ApiLimits } from '../../src/api/limits.ts';
import type { ApiParts } from '../../src/api/parts.ts';
import { createApiServer } from '../../src/api/server.ts';
import { makeReadiness } from '../../src/api/readiness.ts';
import { standingChecks } from '../../src/api/standing-checks.ts';
import { fromHex, toHex, utf8, type Hex } from '../../src/base/bytes.ts';
import { toCbor } from '../../src/base/codec.ts';
import { sha256 } from '../../src/base/hash.ts';
import { success } from '../../src/base/result.ts';
import type { Operation } from '../../src/base/room.ts';
import type { Role } from '../../src/base/roles.ts';
import type { Static, TObject } from '../../src/base/schema.ts';
import { assert } from '../../src/base/assert.ts';
import { witnessKeyOf } from '../../src/chain/checkpoint/cosignature.ts';
import { originOf } from '../../src/chain/checkpoint/ledger-note.ts';
import { formatVerifierKey } from '../../src/chain/checkpoint/note.ts';
import { parsePolicy } from '../../src/chain/checkpoint/policy.ts';
import { EmbeddedEngine } from '../../src/chain/engine/embedded.ts';
import { openMachine } from '../../src/chain/engine/open.ts';
import type { Genesis } from '../../src/chain/machine/genesis.ts';
import type { ProofVerifier } from '../../src/chain/machine/ledger.ts';
import { Machine } from '../../src/chain/machine/machine.ts';
import { projectLeaf } from '../../src/chain/machine/project.ts';
import { exchangeParts, registry } from '../../src/chain/rooms.ts';
import { signEnvelope } from '../../src/chain/tx/envelope.ts';
import { signingKeyFromSeed, verifyEd25519 } from '../../src/chain/tx/signature.ts';
import type { SigningKey } from '../../src/chain/tx/signing-key.ts';
import { namingFields } from '../../src/content/uses.ts';
import { admit } from '../../src/identity/admit.ts';
import { possessionClaim } from '../../src/identity/possession.ts';
import { Publisher } from '../../src/publication/publisher.ts';
import { openBlockStore } from '../../src/store/block-store.ts';
import { openUploadFiles } from '../../src/store/upload-files.ts';
import { createUploads } from '../../src/store/uploads.ts';
import { createContentClaims } from '../../src/store/content-claims.ts';
import { createContentRemovals } from '../../src/store/content-removals.ts';
import { openUnusedContent, type UnusedContent } from '../../src/store/unused-content.ts';
import { openContentFolder } from '../../src/store/content-store.ts';
import { openDataSource } from '../../src/store/data-source.ts';
import { createIdempotencyStore } from '../../src/store/idempotency-store.ts';
import { createLedgerReader } from '../../src/store/ledger-reader.ts';
import { createNonceStore } from '../../src/store/nonce-store.ts';
import { createProjector } from '../../src/store/projection.ts';
import { defaultParameters } from '../../src/node/make-genesis.ts';
import { freshDatabase } from '../support/database.ts';
import { testRules } from '../support/rules.ts';
import { creditCodeOf } from '../support/credit-code.ts';

export const keyOf = (name: string): SigningKey => signingKeyFromSeed(sha256(utf8(name)));

export const operator = keyOf('operator');
const blockSigner = keyOf('block signer');

export const genesis: Genesis = {
  version: 1,
  chainId: 'dxl-api-test',
  timeMs: 1_700_000_000_000,
  mode: 'development',
  parameters: {
    ...defaultParameters,
    envelopeBytesMax: 8192,
    operationsMax: 16,
    sequenceWindow: 64,
    expirySpanMax: 1000,
    blockEnvelopesMax: 100,
    blockBytesMax: 1_048_576,
  },
  blockSigner: blockSigner.publicKey,
  operator: {
    organisationId: 'the-exchange',
    name: 'The <Exchange>',
    creditCode: creditCodeOf('the-exchange'),
    jurisdiction: 'CN',
    publicKey: operator.publicKey,
    encryptionKey: toHex(sha256(utf8('encryption'))),
  },
  circuits: [
    {
      id: 'k-anonymity-512-k5',
      r1csHash: toHex(sha256(utf8('r1cs'))),
      verificationKeyHash: toHex(sha256(utf8('key'))),
      keyClass: 'development',
    },
  ],
  rules: testRules,
};

/** Cosigns what is brought to it; nobody can call it. */
export const witness = keyOf('witness');
export const witnessName = 'witness.example/w1';

/** A log that asks for the one witness. */
export async function openTestPublication(
  engine: EmbeddedEngine,
  hash: Hex,
  folder: string,
): Promise<Publisher> {
  const key = formatVerifierKey(witnessKeyOf(witnessName, witness));
  const policy = parsePolicy(`witness w1 ${key}\nquorum w1\n`);
  assert(!('problem' in policy), 'the policy is in order');
  return Publisher.open({
    engine,
    origin: originOf(genesis.chainId, hash),
    key: keyOf('checkpoint signer'),
    keyClaim: '00'.repeat(64),
    mayLag: false,
    policy,
    file: path.join(folder, 'notes.json'),
    verify: verifyEd25519,
    intervalMs: 5,
    retryMs: 5,
    now: Date.now,
    onProblem: (problem) => {
      throw new Error(problem);
    },
  });
}

export interface TestExchange {
  readonly parts: ApiParts;
  readonly unused: UnusedContent;
  readonly dataSource: DataSource;
  readonly engine: EmbeddedEngine;
  readonly machine: Machine;
  /** What was logged, line by line. */
  readonly logged: string[];
  readonly query: (sql: string) => Promise<Record<string, string>[]>;
  /** Resolves when the read model shows every block. */
  settle(): Promise<void>;
  /** Serves parts, changed as told, on a port of their own; ended by `close`. */
  serve(changes?: Partial<Omit<ApiParts, 'limits'>>, limits?: Partial<ApiLimits>): Promise<string>;
  close(): Promise<void>;
}

export interface ExchangeWish {
  readonly parameters?: Partial<Genesis['parameters']>;
  readonly blockIntervalMs?: number;
  /** False: nobody keeps the read models, but for `settle`. */
  readonly projects?: boolean;
  /** Another chain than that of the API's tests, with its signer, time and proofs. */
  readonly chain?: {
    readonly genesis: Genesis;
    readonly blockSigner: SigningKey;
    readonly nowMs: () => number;
    readonly verifyProof: ProofVerifier;
  };
}

export async function openExchange(wish: ExchangeWish = {}): Promise<TestExchange> {
  const database = await freshDatabase();
  const dataSource = await openDataSource(database.url, { poolMax: 8 });
  const store = await openBlockStore({ dataSource, url: database.url });
  const parameters = { ...genesis.parameters, ...wish.parameters };
  const { chain } = wish;
  const document = chain?.genesis ?? { ...genesis, parameters };
  const verifyProof = chain?.verifyProof ?? (() => success);
  const machine = new Machine(document, { ...exchangeParts, verifyProof });
  const engine = new EmbeddedEngine({
    machine,
    store,
    blockSigner: chain?.blockSigner ?? blockSigner,
    checkpoint: await openMachine(machine, store),
    clock: chain?.nowMs ?? Date.now,
    ...(chain ? { steadyClock: chain.nowMs } : {}),
    clockConfirmed: true,
    blockIntervalMs: wish.blockIntervalMs ?? 2,
    pendingMax: 1000,
    pendingPerKeyMax: 64,
    onFailure: () => undefined,
  });
  const projector = createProjector({
    dataSource,
    decode: ({ bytes }) => {
      const projected = projectLeaf(registry, bytes);
      if (!projected) return null;
      const { event, body, state, searchText } = projected;
      const { kind, id } = event;
      return {
        event: { ...event, recordId: id, body },
        record: { kind, id, status: state, body, searchText },
      };
    },
  });
  const settle = async () => {
    await projector.advance();
  };
  if (wish.projects !== false) engine.onBlock(() => void settle());
  const notes = await mkdtemp(path.join(tmpdir(), 'dxl-notes-'));
  const publication = await openTestPublication(engine, machine.genesisHash, notes);
  const folder = await mkdtemp(path.join(tmpdir(), 'dxl-api-'));
  const logged: string[] = [];
  const content = await openContentFolder(folder);
  const claims = createContentClaims(dataSource);
  const parts: ApiParts = {
    engine,
    registry,
    genesis: document,
    genesisHash: machine.genesisHash,
    reader: createLedgerReader(dataSource),
    projector,
    content,
    claims,
    removals: createContentRemovals(dataSource),
    contentCounts: () => ({ due: 0, dueBytes: 0, removed: 0 }),
    uploads: createUploads(dataSource, openUploadFiles(content.incoming)),
    idempotency: createIdempotencyStore(dataSource),
    nonces: createNonceStore(dataSource),
    readiness: makeReadiness({
      checks: standingChecks({
        askDatabase: () => projector.readCursor(),
        ...{ engine, projector },
      }),
    }),
    notices: { newest: () => [] },
    publication,
    log: pino({ level: 'info' }, { write: (line) => void logged.push(line) }),
    version: '0.0.0-test',
    verificationKeys: new Map([['k-anonymity-512-k5', { format: 'dxl-groth16-bn254-vk/1' }]]),
    limits: {
      ...defaultLimits,
      ...{ heightWaitMs: 100, heartbeatMs: 40, organisationContentBytes: 2 ** 40 },
    },
    now: Date.now,
  };
  const servers: Server[] = [];
  const unused = openUnusedContent({ dataSource, claims, content, fields: namingFields });
  return {
    parts,
    unused,
    dataSource,
    engine,
    machine,
    logged,
    settle,
    query: (sql) => dataSource.query(sql),
    async serve(changes = {}, limits = {}) {
      const ownLimits = { ...parts.limits, ...limits };
      const server = createApiServer({ ...parts, ...changes, limits: ownLimits });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      servers.push(server);
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
    async close() {
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
      await publication.stop();
      await engine.stop();
      await settle();
      await store.close();
      await dataSource.destroy();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
      await rm(notes, { recursive: true, force: true });
    },
  };
}

export interface SignedOperation {
  readonly number: number;
  readonly command: Parameters<typeof signEnvelope>[2]['operations'][number]['command'];
}

export const operationOf = <Schema extends TObject>(
  operation: Operation<Schema>,
  command: Static<Schema>,
): SignedOperation => ({
  number: operation.number,
  command: toCbor(operation.command, command),
});

/** An admission that is in order. */
export function admission(
  organisationId: string,
  key: SigningKey,
  roles: Role[] = ['ADMIN', 'SELLER'],
): SignedOperation {
  const claim = possessionClaim(genesis.chainId, organisationId, key.publicKey);
  return operationOf(admit, {
    organisationId,
    name: `数据公司 ${organisationId}`,
    creditCode: creditCodeOf(organisationId),
    jurisdiction: 'CN',
    beneficialOwner: null,
    encryptionKey: toHex(sha256(fromHex(key.publicKey))),
    roles,
    publicKey: key.publicKey,
    possession: toHex(key.sign(claim)),
  });
}

export interface Signing {
  readonly chainId?: string;
  readonly sequence?: number;
  readonly expiryHeight?: number;
}

/** An envelope of the key's next sequence number. */
export const sign = (
  exchange: TestExchange,
  key: SigningKey,
  operations: readonly SignedOperation[],
  { chainId = genesis.chainId, ...facts }: Signing = {},
): Uint8Array =>
  signEnvelope(chainId, key, {
    sequence: facts.sequence ?? exchange.machine.nextSequence(key.keyId),
    expiryHeight: facts.expiryHeight ?? exchange.engine.status().height + 100,
    operations,
  });

export const idOf = (bytes: Uint8Array): Hex => toHex(sha256(bytes));
