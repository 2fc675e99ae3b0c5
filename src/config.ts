/** The only reader of the environment: parsed once, checked, frozen. */
import { isIP } from 'node:net';
import path from 'node:path';
import { parseDurationMs } from './base/duration.ts';
import { OperationalError } from './base/operational-error.ts';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export const engineKinds = ['embedded', 'comet'] as const;
export type EngineKind = (typeof engineKinds)[number];

export interface Config {
  /** DXL_DATA_DIR: everything this node keeps; `.data` of the working folder unless given. */
  readonly dataDir: string;
  /** DATABASE_URL: an own PostgreSQL, 15 or later; null runs the embedded one. Holds a password. */
  readonly databaseUrl: string | null;
  /** DXL_MOVE_DATABASE_URL: database of the ledger that moves; embedded in its folder where null. */
  readonly moveDatabaseUrl: string | null;
  /** HOST; the loopback address unless given. */
  readonly host: string;
  /** PORT; 8080 unless given, 0 for any free one. */
  readonly port: number;
  /** DXL_REQUESTS_PER_MINUTE: from one network address, each envelope of a batch counted; 60000. */
  readonly requestsPerMinute: number;
  /** DXL_LIMITS: limits of the API that are not to be the usual ones, by name; api/limits.ts. */
  readonly limits: ReadonlyMap<string, number>;
  /** DXL_TRUSTED_PROXIES: addresses and networks whose X-Forwarded-For is believed; none. */
  readonly trustedProxies: readonly string[];
  /** DXL_GENESIS: genesis file of a chain that is to be begun or gone on with. */
  readonly genesisPath: string | null;
  /** DXL_WITNESSES: file with the policy of witnesses; `witnesses` of the data folder unless given. */
  readonly witnessesPath: string | null;
  /** DXL_MODE `production` refuses development chains, whose circuit keys prove nothing. */
  readonly development: boolean;
  /** DXL_ENGINE: who orders blocks, this process alone or CometBFT beside it. */
  readonly engine: EngineKind;
  /** DXL_COMET_HOME: CometBFT's home folder; `comet` of the data folder where it is null. */
  readonly cometHome: string | null;
  /** DXL_COMET_ATTACH: CometBFT is started and ended by somebody else. */
  readonly cometAttach: boolean;
  /** DXL_SNAPSHOT_INTERVAL: blocks between two state-sync snapshots; 0 takes none. */
  readonly snapshotInterval: number;
  /** DXL_CONTENT_PEERS: nodes of the same chain that are asked for content this one lacks. */
  readonly contentPeers: readonly string[];
  /** DXL_CONTENT_KEEP_DAYS: how long content stays after the last deadline that needs it; 90. */
  readonly contentKeepDays: number;
  /** DXL_CONTENT_NOTICE_DAYS: how long before its removal the parties are told, at least; 30. */
  readonly contentNoticeDays: number;
  /** DXL_CLOCK_DISTANCE_MAX_DAYS: from the newest block to the clock, else a person confirms; 30. */
  readonly clockDistanceMaxDays: number;
  /** DXL_CLOCK_STEP_MAX_MINUTES: by which the clock may step while the node runs; 60. */
  readonly clockStepMaxMinutes: number;
  /** Of `--confirm-clock` alone, YYYY-MM-DD: never of the environment, where it would stay. */
  readonly confirmedDate: string | null;
  /** DXL_LOG_LEVEL. */
  readonly logLevel: LogLevel;
  /** DXL_API: address of the exchange that `dxl` speaks to. */
  readonly apiUrl: string;
  /** DXL_PATIENCE: how long `dxl` goes on with an exchange that does not answer; null: as usual. */
  readonly patienceMs: number | null;
  /** DXL_PASSPHRASE_FILE: file with the passphrase of a key file. */
  readonly passphraseFile: string | null;
  /** DXL_SENT_DIR: where `dxl submit` keeps what it signs; null: beside the key file. */
  readonly sentDir: string | null;
  /** DXL_DEBUG: errors with their stack. */
  readonly debug: boolean;
}

/** Where the API listens unless told otherwise. */
export const defaultPort = 8080;

const defaultRequestsPerMinute = 60_000;

/**
 * Throws OperationalError CONFIG_INVALID naming the variable.
 * @param usualLogLevel where none is set
 */
export function readConfig(
  environment: NodeJS.ProcessEnv = process.env,
  usualLogLevel: LogLevel = 'info',
): Config {
  const read = (name: string): string | null => environment[name]?.trim() || null;
  const port = read('PORT') ?? String(defaultPort);
  if (!/^(0|[1-9][0-9]{0,4})$/.test(port) || Number(port) > 65_535) {
    throw invalid('PORT', port, 'a port from 0 to 65535 in plain digits, for example 8080');
  }
  const requests = read('DXL_REQUESTS_PER_MINUTE') ?? String(defaultRequestsPerMinute);
  if (!/^[1-9][0-9]{0,8}$/.test(requests)) {
    const form = 'a whole number from 1 to 999999999 in plain digits, for example 60000';
    throw invalid('DXL_REQUESTS_PER_MINUTE', requests, form);
  }
  const mode = read('DXL_MODE') ?? 'development';
  if (mode !== 'development' && mode !== 'production') {
    throw invalid('DXL_MODE', mode, 'development or production, for example production');
  }
  const logLevel = read('DXL_LOG_LEVEL') ?? usualLogLevel;
  if (!isLogLevel(logLevel)) {
    throw invalid('DXL_LOG_LEVEL', logLevel, `one of ${logLevels.join(', ')}, for example info`);
  }
  const engine = read('DXL_ENGINE') ?? 'embedded';
  if (!isEngineKind(engine)) {
    throw invalid('DXL_ENGINE', engine, `${engineKinds.join(' or ')}, for example embedded`);
  }
  const snapshotInterval = read('DXL_SNAPSHOT_INTERVAL') ?? '0';
  if (!/^(0|[1-9][0-9]{0,8})$/.test(snapshotInterval)) {
    const form = 'a number of blocks in plain digits, for example 1000, or 0 for none';
    throw invalid('DXL_SNAPSHOT_INTERVAL', snapshotInterval, form);
  }
  const apiUrl = read('DXL_API') ?? `http://127.0.0.1:${port === '0' ? defaultPort : port}`;
  if (!/^https?:\/\//.test(apiUrl) || !URL.canParse(apiUrl)) {
    const form = 'an http or https address, for example https://exchange.example';
    throw invalid('DXL_API', apiUrl, form);
  }
  return Object.freeze({
    dataDir: path.resolve(read('DXL_DATA_DIR') ?? '.data'),
    databaseUrl: readDatabase('DATABASE_URL', read('DATABASE_URL')),
    moveDatabaseUrl: readDatabase('DXL_MOVE_DATABASE_URL', read('DXL_MOVE_DATABASE_URL')),
    host: read('HOST') ?? '127.0.0.1',
    port: Number(port),
    requestsPerMinute: Number(requests),
    limits: readLimits('DXL_LIMITS', read('DXL_LIMITS')),
    trustedProxies: readNetworks('DXL_TRUSTED_PROXIES', read('DXL_TRUSTED_PROXIES')),
    genesisPath: read('DXL_GENESIS'),
    witnessesPath: read('DXL_WITNESSES'),
    development: mode === 'development',
    engine,
    cometHome: read('DXL_COMET_HOME'),
    cometAttach: read('DXL_COMET_ATTACH') !== null,
    snapshotInterval: Number(snapshotInterval),
    contentPeers: readAddresses('DXL_CONTENT_PEERS', read('DXL_CONTENT_PEERS')),
    contentKeepDays: readCount(read, 'DXL_CONTENT_KEEP_DAYS', 90, 36_500),
    contentNoticeDays: readCount(read, 'DXL_CONTENT_NOTICE_DAYS', 30, 36_500),
    clockDistanceMaxDays: readCount(read, 'DXL_CLOCK_DISTANCE_MAX_DAYS', 30, 36_500),
    clockStepMaxMinutes: readCount(read, 'DXL_CLOCK_STEP_MAX_MINUTES', 60, 52_560_000),
    confirmedDate: null,
    logLevel,
    apiUrl,
    patienceMs: readPatience(read('DXL_PATIENCE')),
    passphraseFile: read('DXL_PASSPHRASE_FILE'),
    sentDir: readFolder(read('DXL_SENT_DIR')),
    debug: read('DXL_DEBUG') !== null,
  });
}

const readFolder = (value: string | null): string | null => value && path.resolve(value);

/** It holds a password, which no message repeats. */
function readDatabase(name: string, value: string | null): string | null {
  if (value === null || /^postgres(ql)?:\/\//.test(value)) return value;
  throw invalid(name, 'something else', databaseForm);
}

/** Names are checked by who knows them. */
function readLimits(name: string, value: string | null): ReadonlyMap<string, number> {
  const limits = new Map<string, number>();
  for (const part of partsOf(value)) {
    const [, limit, number] = /^([A-Za-z]+)=([1-9][0-9]{0,14})$/.exec(part) ?? [];
    if (limit === undefined || limits.has(limit)) {
      const form = 'each limit once as name=whole number above zero, with commas between them';
      throw invalid(name, part, `${form}, for example connectionsMax=4000,keepAliveMs=20000`);
    }
    limits.set(limit, Number(number));
  }
  return limits;
}

function readNetworks(name: string, value: string | null): string[] {
  const networks = partsOf(value);
  for (const network of networks) {
    const [address = '', bits, ...others] = network.split('/');
    const version = isIP(address);
    const bitsMax = version === 4 ? 32 : 128;
    const fits = bits === undefined || (/^[0-9]{1,3}$/.test(bits) && Number(bits) <= bitsMax);
    if (version === 0 || address.includes('%') || !fits || others.length > 0) {
      const form = 'addresses and networks of the proxies, with commas between them';
      throw invalid(name, network, `${form}, for example 127.0.0.1,10.1.0.0/16,fd00::/8`);
    }
  }
  return networks;
}

const partsOf = (value: string | null): string[] =>
  value === null ? [] : value.split(',').map((part) => part.trim());

function readCount(
  read: (name: string) => string | null,
  name: string,
  usual: number,
  most: number,
): number {
  const text = read(name) ?? String(usual);
  if (/^[1-9][0-9]*$/.test(text) && Number(text) <= most) return Number(text);
  throw invalid(
    name,
    text,
    `a whole number from 1 to ${most}, in plain digits, for example ${usual}`,
  );
}

function readAddresses(name: string, value: string | null): string[] {
  const addresses = partsOf(value);
  for (const address of addresses) {
    if (!/^https?:\/\//.test(address) || !URL.canParse(address)) {
      const form = 'http or https addresses, with commas between them';
      throw invalid(name, address, `${form}, for example https://a.example,https://b.example`);
    }
  }
  return addresses;
}

function readPatience(value: string | null): number | null {
  const patienceMs = value === null ? null : parseDurationMs(value);
  if (value === null || patienceMs !== null) return patienceMs;
  throw invalid('DXL_PATIENCE', value, 'a time such as 90s, 2m or 1h, 0 for a single attempt');
}
/** A wrong one is not shown: it may hold a password. */
const databaseForm =
  'the address of a PostgreSQL, for example postgresql://user:password@host:5432/database';

const isEngineKind = (value: string): value is EngineKind =>
  (engineKinds as readonly string[]).includes(value);

const isLogLevel = (value: string): value is LogLevel =>
  (logLevels as readonly string[]).includes(value);

const invalid = (name: string, value: string, expected: string): OperationalError =>
  new OperationalError('CONFIG_INVALID', `${name} is ${value}; it takes ${expected}.`);
