import pg from 'pg';

export interface KeptConnection {
  /** Made when it is first asked for, and anew where it was lost. */
  readonly connect: () => Promise<pg.Client>;
  /** What is under way on it fails. */
  readonly close: () => Promise<void>;
}

export interface KeepOptions {
  readonly url: string;
  /** As `pg_stat_activity` shows it. */
  readonly applicationName: string;
  /** Time to connect; 10 s unless given. */
  readonly connectMsMax?: number;
  /** Time for an answer, after which the connection is given up; no limit unless given. */
  readonly answerMsMax?: number;
}

/** One connection for one user, who asks one thing after the other. */
export function keepConnection(options: KeepOptions): KeptConnection {
  let connected: Promise<pg.Client> | null = null;
  const open = async (forget: () => void): Promise<pg.Client> => {
    const { connectMsMax = 10_000, answerMsMax } = options;
    const client = new pg.Client({
      connectionString: options.url,
      keepAlive: true,
      application_name: options.applicationName,
      connectionTimeoutMillis: connectMsMax,
      ...(answerMsMax === undefined ? {} : { query_timeout: answerMsMax }),
    });
    client.on('error', forget);
    client.on('end', forget);
    await client.connect();
    return client;
  };
  return {
    connect() {
      if (connected) return connected;
      const own: Promise<pg.Client> = open(() => {
        if (connected === own) connected = null;
      });
      connected = own;
      own.catch(() => {
        if (connected === own) connected = null;
      });
      return own;
    },
    async close() {
      const last = connected;
      connected = null;
      const client = await last?.catch(() => null);
      await client?.end().catch(() => undefined);
    },
  };
}
