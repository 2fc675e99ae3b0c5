import pg from 'pg';

/** One connection for one user: made when it is first asked for, and anew where it was lost. */
export function keepConnection(url: string, applicationName: string): () => Promise<pg.Client> {
  let connected: pg.Client | null = null;
  return async () => {
    if (connected) return connected;
    const client = new pg.Client({
      connectionString: url,
      keepAlive: true,
      application_name: applicationName,
    });
    const forget = (): void => {
      if (connected === client) connected = null;
    };
    client.on('error', forget);
    client.on('end', forget);
    await client.connect();
    return (connected = client);
  };
}
