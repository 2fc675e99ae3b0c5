// What a thread begins with: it registers the reader of TypeScript, as bin/dxl.mjs does for the
// process, since `--import` does not reach the module hooks of a thread in Node 20.
import { workerData } from 'node:worker_threads';
import '../../strip-types/register.mjs';

await import(workerData.module);
