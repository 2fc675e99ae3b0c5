/** Writes to standard output the very bytes that a node of this source serves as /verifier.js. */
import { verifierFile } from '../src/api/browser-files.ts';

process.stdout.write((await verifierFile()).text);
