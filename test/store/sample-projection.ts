/** What a threaded projector runs in the tests: sample leaves, some of which make it fail. */
import { existsSync } from 'node:fs';
import { fromUtf8 } from '../../src/base/bytes.ts';
import { serveProjection } from '../../src/store/serve-projection.ts';
import { decode, type Row } from './sample-leaves.ts';

serveProjection((leaf) => {
  const { fault } = JSON.parse(fromUtf8(leaf.bytes)) as Row;
  if (fault && existsSync(fault.file)) {
    if (fault.kind === 'throws') throw new RangeError(`leaf ${leaf.logIndex} cannot be read`);
    process.exit(3);
  }
  return decode(leaf);
});
