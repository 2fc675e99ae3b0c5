/** The composition root of a node: it wires, and decides nothing. */
import type { RequestListener } from 'node:http';
import path from 'node:path';
import pino, { type Logger } from 'pino';
import { limitsWith, type ApiLimits } from './api/limits.ts';
import { close, listen } from './api/listen.ts';
import { openNotices } from './api/open-notices.ts';
import { openReadiness } from './api/open-readiness.ts';
import { createApiServer } from './api/server.ts';
import type { OperationalError } from './base/operational-error.ts';
import type { ClockOptions } from './chain/engine/clock-watch.ts';
import type { CometEngine } from './chain/engine/comet.ts';
import { clockForStart } from './chain/engine/confirm-clock.ts';
import { EmbeddedEngine } from './chain/engine/embedded.ts';
import type { Engine } from './chain/engine/engine.ts';
import { openMachine } from './chain/engine/open.ts';
import type { BlockStore, StateSource } from './chain/engine/ports.ts';
import { storeLost } from './chain/engine/store-failure.ts';
import { CachedState, stateCacheBytesUsual } from './chain/machine/cached-state.ts';
import { genesisHash, type Genesis } from './chain/machine/genesis.ts';
import { Machine } from './chain/machine/machine.ts';
import { projectExchangeLeaf } from './chain/project-leaf.ts';
import { exchangeParts, registry } from './chain/rooms.ts';
import type { Config } from './config.ts';
import { namingFields } from './content/uses.ts';
import { readCometHome } from './net/comet-home.ts';
import { openCometSide, type CometSideOptions } from './net/comet-side.ts';
import { openBlockSignerOf } from './node/block-signer.ts';
import { openCheckpointSigner } from './node/checkpoint-signer.ts';
import { dataFolder, type DataFolder } from './node/data-folder.ts';
import { holdFolder, type FolderHold } from './node/folder-hold.ts';
import { readGenesis } from './node/make-genesis.ts';
import { checkNotMoved } from './node/moved.ts';
import { loadVerificationKeys, proofVerifierOf } from './node/verification-keys.ts';
import { findWideFiles } from './node/private-files.ts';
import { secretPlacesOf } from './node/secret-places.ts';
import { openPublication, readWitnessPolicy } from './publication/open.ts';
import type { Publisher } from './publication/publisher.ts';
import { openBlockStore, type OpenBlockStore } from './store/block-store.ts';
import { openContents } from './store/open-contents.ts';
import { openContentRetention } from './store/open-retention.ts';
import { openDataSource, openReadSource } from './store/data-source.ts';
import { followBlocks } from './store/follow-blocks.ts';
import { createIdempotencyStore } from './store/idempotency-store.ts';
import { createLedgerReader } from './store/ledger-reader.ts';
import { createStateSource } from './store/state-source.ts';
import { sweepRegularly, type Sweepable } from './store/sweep-regularly.ts';
import { startPostgres } from './store/postgres/start.ts';
import { createProjector, type Projector } from './store/projection.ts';
import {
  createThreadedProjector,
  type ThreadedProjectorOptions,
} from './store/projection-thread.ts';

export interface Exchange {
  /** Where the API listens. */
  readonly url: string;
  readonly engine: Engine;
  readonly log: Logger;
  /** Resolves when the node has ended by itself because its store failed. */
  readonly failed: Promise<OperationalError>;
  /** HTTP first, then the block in hand, the database connections, the database. */
  stop(): Promise<void>;
}

export interface ExchangeOptions {
  /** Told in one line each what is being started. */
  readonly onProgress?: (line: string) => void;
  /** Log lines go here instead of standard error. */
  readonly logFile?: string;
  readonly version: string;
  /** On the data folder, where the caller has taken it; released when the exchange has stopped. */
  readonly hold?: FolderHold;
  /** Instead of this machine's clocks. */
  readonly clocks?: MachineClocks;
  /** Answers some requests itself, and passes the others on to the API. */
  readonly around?: (engine: Engine, api: RequestListener) => RequestListener;
}

export type MachineClocks = Pick<ClockOptions, 'clock' | 'steadyClock'>;

/** Starts a node on `config`; throws OperationalError with what to do, having ended what it began. */
export async function openExchange(config: Config, options: ExchangeOptions): Promise<Exchange> {
  limitsOf(config); // A name that is none is told before anything is started.
  const undo: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (let step = undo.pop(); step; step = undo.pop()) await step();
  };
  try {
    const hold = options.hold ?? (await holdFolder(config.dataDir, 'node'));
    undo.push(() => hold.release());
    const cometHome = config.engine === 'comet' ? cometHomeOf(config) : null;
    const secrets = await secretPlacesOf(config.dataDir, cometHome);
    for (const { file, mode, remedy } of await findWideFiles(secrets)) {
      options.onProgress?.(`WARNING: ${file} is open to others (mode ${mode}): ${remedy}`);
    }
    return await start(config, options, undo, stop);
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}

const limitsOf = ({ limits, requestsPerMinute }: Config): ApiLimits => ({
  ...limitsWith(limits),
  requestsPerMinute,
});

const projectionModule = new URL('./projection-main.ts', import.meta.url);

async function start(
  config: Config,
  options: ExchangeOptions,
  undo: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<Exchange> {
  const { onProgress = () => undefined } = options;
  const folder = dataFolder(config.dataDir);
  const log = pino({ level: config.logLevel }, pino.destination(options.logFile ?? 2));
  const comet = config.engine === 'comet' ? await readCometHome(cometHomeOf(config)) : null;
  const genesis =
    comet && config.genesisPath === null
      ? comet.genesis
      : await readGenesis(config.genesisPath ?? folder.genesisFile);
  if (!comet) await checkNotMoved(folder);
  const clock = readClock(config, options, genesis, log);
  const keys = await loadVerificationKeys(genesis, config.development, folder.circuitKeysDir);

  onProgress('database');
  const url = await databaseUrl(config, folder, onProgress, undo);
  const { dataSource, reads, ...stored } = await openStores(config, url, undo);

  onProgress('chain');
  const { failed, fail } = firstFailure(log);
  void stored.store.lost.then((reason) => fail(storeLost(reason)));
  const verifyProof = proofVerifierOf(keys);
  const makeMachine = () =>
    new Machine(genesis, { ...exchangeParts, verifyProof }, new CachedState(stateCacheBytesUsual));
  const ledger = { ...stored, makeMachine };
  const engine = comet
    ? await openComet(config, folder, { ...ledger, clock, home: comet, onFailure: fail, log }, undo)
    : await openEmbedded(folder, { ...ledger, clock }, fail, undo);

  const publication = await publishLog(config, genesis, engine, log);
  undo.push(() => publication.stop());
  const projector = await openReadModels({ dataSource, reads, url, engine, log }, undo);
  const idempotency = createIdempotencyStore(reads);
  const contents = await openContentSide(
    config,
    { contentDir: folder.contentDir, idempotency, reads, engine, projector, log },
    undo,
  );
  // The block store's lock makes this the database's only node.
  await idempotency.release();

  onProgress('api');
  const readiness = await openReadiness({ url, engine, projector, log }, undo);
  const notices = await openNotices({ engine, genesis, now: clock.clock, log }, undo);
  const parts = {
    engine,
    registry,
    genesis,
    genesisHash: genesisHash(genesis),
    verificationKeys: new Map([...keys].map(([id, { json }]) => [id, json])),
    ...{ limits: limitsOf(config), trustedProxies: config.trustedProxies },
    reader: createLedgerReader(reads),
    projector,
    ...contents,
    contentPeers: config.contentPeers,
    idempotency,
    readiness,
    notices,
    publication,
    log,
    version: options.version,
    now: Date.now,
  };
  const server = createApiServer(parts, options.around);
  const address = await listen(server, config);
  undo.push(() => close(server));
  return { url: address, engine, log, failed, stop };
}

interface Stores extends Pick<LedgerParts, 'source' | 'claimSource'> {
  readonly store: OpenBlockStore;
  readonly dataSource: ThreadedProjectorOptions['dataSource'];
  /** Readers, who may be anybody, have connections of their own and limits. */
  readonly reads: ThreadedProjectorOptions['dataSource'];
}

async function openStores(
  config: Config,
  url: string,
  undo: (() => Promise<unknown>)[],
): Promise<Stores> {
  const dataSource = await openDataSource(url, { poolMax: poolsOf(config).engine });
  undo.push(() => dataSource.destroy());
  const store = await openBlockStore({ dataSource, url, lockWaitMs: lockWaitMs(config) });
  undo.push(() => store.close());
  const reads = await openReadSource(url, poolsOf(config).reads);
  undo.push(() => reads.destroy());
  const sources = { source: createStateSource(dataSource), claimSource: createStateSource(reads) };
  return { dataSource, reads, store, ...sources };
}

/** What ends the node by itself; later failures are its consequences. */
function firstFailure(log: Logger): {
  readonly failed: Promise<OperationalError>;
  readonly fail: (error: OperationalError) => void;
} {
  let report: ((error: OperationalError) => void) | null = null;
  const failed = new Promise<OperationalError>((resolve) => (report = resolve));
  return {
    failed,
    fail(error) {
      if (report) log.fatal({ err: error }, 'chain');
      report?.(error);
      report = null;
    },
  };
}

/** Throws OperationalError CLOCK_DATE or CLOCK_NOT_CONFIRMED. */
function readClock(
  config: Config,
  { clocks = { clock: Date.now } }: ExchangeOptions,
  { rules: { calendar } }: Genesis,
  log: Logger,
): ClockOptions {
  const clock = clockForStart(config, calendar, {
    ...clocks,
    onClock: (hold) => (hold === null ? log.info('clock: right') : log.error({ hold }, 'clock')),
  });
  if (clock.clockConfirmed)
    log.warn({ date: config.confirmedDate }, 'clock: a person confirmed it');
  return clock;
}

interface ReadModelParts extends Pick<ThreadedProjectorOptions, 'dataSource' | 'url'> {
  readonly reads: ThreadedProjectorOptions['dataSource'];
  readonly engine: Engine;
  readonly log: Logger;
}

async function openReadModels(
  { dataSource, reads, url, engine, log }: ReadModelParts,
  undo: (() => Promise<unknown>)[],
): Promise<Projector> {
  // What the last run has left, while there is nothing else to be done: the thread takes a second.
  const { height } = await createProjector({ dataSource, decode: projectExchangeLeaf }).advance();
  const projector = createThreadedProjector({
    ...{ dataSource: reads, url, module: projectionModule },
    shownHeight: height,
  });
  undo.push(() => projector.close());
  const onFailure = (err: unknown): void => log.error({ err }, 'projection');
  undo.push(followBlocks({ engine, projector, onFailure }));
  return projector;
}

async function publishLog(
  config: Config,
  genesis: Genesis,
  engine: Engine,
  log: Logger,
): Promise<Publisher> {
  const folder = dataFolder(config.dataDir);
  const alone = config.engine !== 'comet';
  return openPublication({
    engine,
    genesisHash: genesisHash(genesis),
    key: await openCheckpointSigner(folder.checkpointSignerFile),
    blockSigner: alone
      ? await openBlockSignerOf(genesis.blockSigner, folder.blockSignerFile)
      : null,
    mayLag: !alone,
    policy: await readWitnessPolicy(config.witnessesPath, folder.witnessesFile),
    file: folder.logNotesFile,
    onProblem: (problem) => log.warn(problem),
  });
}

/**
 * Connections of each pool. Beside them a node has up to five: the writer's place, small blocks, large
 * ones, read models, and readiness. Validators that are tried out together share one server, which
 * has 200 for all of them.
 */
const poolsOf = ({ engine }: Config): { readonly engine: number; readonly reads: number } =>
  engine === 'comet' ? { engine: 2, reads: 3 } : { engine: 4, reads: 12 };

/** A validator that was killed is started again at once, before its connection has ended. */
const lockWaitMs = ({ engine }: Config): number => (engine === 'comet' ? 10_000 : 3_000);

const cometHomeOf = ({ cometHome, dataDir }: Config): string =>
  cometHome ?? path.join(dataDir, 'comet');

interface LedgerParts {
  readonly makeMachine: () => Machine;
  readonly store: BlockStore;
  readonly source: StateSource;
  readonly claimSource: StateSource;
  readonly clock: ClockOptions;
}

type CometParts = LedgerParts & Pick<CometSideOptions, 'home' | 'onFailure'>;

const openComet = (
  { cometAttach: attach, snapshotInterval }: Config,
  { snapshotsDir }: DataFolder,
  { log, ...parts }: CometParts & { readonly log: Logger },
  undo: (() => Promise<unknown>)[],
): Promise<CometEngine> =>
  openCometSide(
    {
      ...{ ...parts, attach, snapshotsDir, snapshotInterval, registry },
      log: (line) => log.warn(line),
    },
    undo,
  );

async function openEmbedded(
  folder: DataFolder,
  { makeMachine, clock, ...ledger }: LedgerParts,
  onFailure: (error: OperationalError) => void,
  undo: (() => Promise<unknown>)[],
): Promise<EmbeddedEngine> {
  const machine = makeMachine();
  const { blockSigner: signer } = machine.genesis;
  const blockSigner = await openBlockSignerOf(signer, folder.blockSignerFile);
  const checkpoint = await openMachine(machine, ledger.store);
  const engine = new EmbeddedEngine({
    ...ledger,
    machine,
    blockSigner,
    checkpoint,
    ...clock,
    blockIntervalMs: 50,
    pendingMax: 20_000,
    pendingPerKeyMax: 1_000,
    onFailure,
  });
  undo.push(() => engine.stop());
  return engine;
}

const dayMs = 86_400_000;

interface ContentSide {
  readonly contentDir: string;
  readonly idempotency: Sweepable;
  readonly reads: Parameters<typeof openContents>[0]['reads'];
  readonly engine: Engine;
  readonly projector: Projector;
  readonly log: Logger;
}

/** What the API needs of content, and what removes it by the committed state. */
async function openContentSide(
  { contentKeepDays, contentNoticeDays }: Config,
  { contentDir, idempotency, reads, engine, projector, log }: ContentSide,
  undo: (() => Promise<unknown>)[],
) {
  const { sweep, unused, ...contents } = await openContents({ contentDir, reads, namingFields });
  const retention = openContentRetention({
    ...{ ...contents, unused, reads },
    read: (kind, id) => engine.readRecord(kind, id),
    // By block time: a clock that is wrong removes nothing.
    nowMs() {
      const { height, timeMs } = engine.status();
      return projector.shownHeight() < height ? null : timeMs;
    },
    keepMs: contentKeepDays * dayMs,
    noticeMs: contentNoticeDays * dayMs,
    onNotice: (removal) => log.info({ removal }, 'content is due to be removed'),
    onRemoval: (removal) => log.info({ removal }, 'content is removed'),
  });
  const swept = [idempotency, contents.nonces, contents.uploads, sweep, retention];
  undo.push(sweepRegularly(swept, (err) => log.error({ err }, 'sweep')));
  return { ...contents, contentCounts: () => retention.counts };
}

async function databaseUrl(
  config: Config,
  folder: DataFolder,
  log: (line: string) => void,
  undo: (() => Promise<unknown>)[],
): Promise<string> {
  if (config.databaseUrl !== null) return config.databaseUrl;
  const postgres = await startPostgres({ dataDir: folder.databaseDir, log });
  undo.push(() => postgres.stop());
  return postgres.url;
}
