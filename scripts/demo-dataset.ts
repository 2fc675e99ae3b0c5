/**
 * Writes src/demo/data/birdstrikes.csv.gz from the pinned development dependency vega-datasets, and
 * prints the digest of the table, which src/demo/dataset.ts must name:
 * `node --import tsx scripts/demo-dataset.ts`.
 */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { packedDataset } from '../src/demo/dataset.ts';

const packaged = new URL('../node_modules/vega-datasets/data/birdstrikes.csv', import.meta.url);

const table = await readFile(packaged);
await writeFile(packedDataset, gzipSync(table, { level: 9 }));
process.stdout.write(`${createHash('sha256').update(table).digest('hex')}\n`);
