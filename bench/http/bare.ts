/**
 * What HTTP itself costs here: Express and Ajv, a body of the same form and size, a reply of the
 * same size, and nothing behind them. Prints its address; ends with its parent.
 */
import { Ajv2020 } from 'ajv/dist/2020.js';
import express from 'express';
import type { AddressInfo } from 'node:net';

const envelope = { type: 'string', pattern: '^[A-Za-z0-9_-]*$' };
const bodyOf = (properties: Record<string, unknown>) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
const ajv = new Ajv2020({ strict: true, allErrors: true });
const isOne = ajv.compile<{ envelope: string }>(bodyOf({ envelope }));
const isMany = ajv.compile<{ envelopes: string[] }>(
  bodyOf({ envelopes: { type: 'array', items: envelope, minItems: 1, maxItems: 1024 } }),
);

const receipt = {
  envelopeId: '0'.repeat(64),
  height: 1,
  position: 0,
  timeMs: 1_700_000_000_000,
  resultCode: 0,
  resultName: 'OK',
  failedOperation: null,
  detail: '',
  logIndex: 0,
  appHash: '0'.repeat(64),
};

const app = express();
app.use(express.json({ limit: '8mb' }));
app.post('/one', (request, response) => {
  if (isOne(request.body)) response.status(201).json(receipt);
  else response.status(400).json(isOne.errors);
});
app.post('/many', (request, response) => {
  const body: unknown = request.body;
  if (!isMany(body)) {
    response.status(400).json(isMany.errors);
    return;
  }
  const outcomes = body.envelopes.map((_, position) => ({
    envelopeId: receipt.envelopeId,
    status: 201,
    replayed: false,
    receipt: { ...receipt, position },
    problem: null,
  }));
  response.json({ outcomes });
});

process.once('disconnect', () => process.exit());
const server = app.listen(0, '127.0.0.1', () => {
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
