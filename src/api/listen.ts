import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OperationalError } from '../base/operational-error.ts';

interface Address {
  readonly host: string;
  readonly port: number;
}

/** Returns its address, with the port where any was asked for. Throws OperationalError API_ADDRESS. */
export function listen(server: Server, config: Address): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const where = `${config.host}:${config.port}`;
      const remedy = 'Choose another with PORT or --port.';
      reject(
        new OperationalError(
          'API_ADDRESS',
          `Cannot listen on ${where} (${cause.code ?? cause.message}). ${remedy}`,
          { cause },
        ),
      );
    });
    server.listen(config.port, config.host, () => {
      const { port } = server.address() as AddressInfo;
      const host = config.host.includes(':') ? `[${config.host}]` : config.host;
      resolve(`http://${host}:${port}`);
    });
  });
}

/** Lets requests in hand end, then closes what stays open (event streams). */
export async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const impatience = setTimeout(() => server.closeAllConnections(), 2_000);
  server.closeIdleConnections();
  await closed;
  clearTimeout(impatience);
}
