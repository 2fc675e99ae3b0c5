import { startPostgres } from '../../../src/store/postgres/start.ts';

/** Run by the tests as a process of its own: starts, says how it went, then stays until killed. */
const [dataDir] = process.argv.slice(2);
const { pid, adopted } = await startPostgres({ dataDir: dataDir ?? '', log: () => undefined });
console.log(JSON.stringify({ pid, adopted }));
setInterval(() => undefined, 60_000);
