/** A node that notes without end and tells each acknowledged envelope's id, until it is killed. */
import { writeSync } from 'node:fs';
import { put } from '../probe-room.ts';
import { operationOf, operator, sign } from '../test-chain.ts';
import { openNode } from '../test-node.ts';

const [, , url = ''] = process.argv;
const node = await openNode(url, {
  blockIntervalMs: 2,
  onFailure: () => process.exit(3),
});
let sequence = await node.engine.nextSequence(operator.keyId);

async function noteForEver(id: string): Promise<never> {
  for (;;) {
    const envelope = sign(operationOf(put, { id, note: `number ${sequence}` }), {
      sequence: sequence++,
      expiryHeight: node.engine.status().height + 500,
    });
    const outcome = await node.engine.submit(envelope);
    if (!outcome.ok) throw new Error(`${outcome.result.name}: ${outcome.detail}`);
    writeSync(1, `${outcome.value.envelopeId}\n`);
  }
}

await Promise.all(['probe-1', 'probe-2', 'probe-3', 'probe-4'].map(noteForEver));
