/** Writes to standard output, from the source, what a node of this version serves as /verifier.js. */
import { browserBundle } from './browser-bundles.ts';

process.stdout.write(await browserBundle('verifier'));
