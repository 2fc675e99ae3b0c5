/** A witness's HTTP face (c2sp.org/tlog-witness): submissions, and what it cosigned last. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { fromUtf8, utf8 } from '../base/bytes.ts';
import { sha256Hex } from '../base/hash.ts';
import { noteTimeOf } from '../chain/checkpoint/ledger-note.ts';
import { formatVerifierKey } from '../chain/checkpoint/note.ts';
import { submissionBytesMax } from '../chain/checkpoint/submission.ts';
import { plain, type Answer, type Witness } from './witness.ts';

const requestTimeoutMs = 10_000;

/** Not listening yet. @param onFailure told why the witness's own disk failed */
export function witnessServer(witness: Witness, onFailure: (error: Error) => void): Server {
  const server = createServer((request, response) => {
    answer(witness, request).then(
      (reply) => {
        if (reply) send(response, reply);
      },
      (error: unknown) => {
        onFailure(error as Error);
        send(response, plain(500, 'the witness cannot keep what it would cosign'));
      },
    );
  });
  server.requestTimeout = requestTimeoutMs;
  server.headersTimeout = requestTimeoutMs;
  server.maxConnections = 256;
  return server;
}

/** null where the client went before it had sent its body: nobody waits for an answer. */
async function answer(witness: Witness, request: IncomingMessage): Promise<Answer | null> {
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  if (path === '/add-checkpoint') {
    if (request.method !== 'POST') return plain(405, 'POST a checkpoint here');
    const body = await readBody(request);
    if (body === 'broken off') return null;
    if (body === 'too long') return plain(413, `at most ${submissionBytesMax} bytes`);
    return witness.addCheckpoint(body);
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') return plain(405, 'GET');
  if (path === '/') return plain(200, formatVerifierKey(witness.key));
  if (path === '/healthz') return plain(200, 'alive');
  if (path === '/metrics') return plain(200, metricsOf(witness).trimEnd());
  const hash = /^\/([0-9a-f]{64})\/checkpoint$/.exec(path)?.[1];
  const origin = [...witness.logs.keys()].find((one) => sha256Hex(utf8(one)) === hash);
  const memory = origin === undefined ? null : witness.memory(origin);
  if (!memory) return plain(404, 'nothing of such a log was cosigned here');
  return { status: 200, type: 'text/plain', body: fromUtf8(memory.note) };
}

/** Of what is too long the rest is not read: the connection is then of no further use. */
async function readBody(request: IncomingMessage): Promise<Uint8Array | 'too long' | 'broken off'> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > submissionBytesMax) return 'too long';
      chunks.push(chunk);
    }
  } catch {
    return 'broken off';
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function send(response: ServerResponse, { status, type, body }: Answer): void {
  const sized = type === 'text/x.tlog.size' ? type : `${type}; charset=utf-8`;
  response.writeHead(status, {
    'Content-Type': sized,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(status === 413 ? { Connection: 'close' } : {}),
  });
  response.end(body);
}

/** Prometheus text. */
function metricsOf(witness: Witness): string {
  const rows = [...witness.logs.keys()].map((origin) => ({
    label: `{log="${origin.replaceAll(/["\\\n]/g, '_')}"}`,
    memory: witness.memory(origin),
    untimely: witness.untimely(origin),
  }));
  const gauge = (name: string, help: string, read: (row: (typeof rows)[number]) => number) =>
    `# HELP ${name} ${help}\n# TYPE ${name} gauge\n` +
    rows.map((row) => `${name}${row.label} ${read(row)}\n`).join('');
  return (
    gauge('dxl_witness_cosigned_leaves', 'Leaves that were cosigned last.', ({ memory }) =>
      memory ? memory.body.size : 0,
    ) +
    gauge('dxl_witness_cosigned_time_seconds', 'When that was.', ({ memory }) =>
      memory ? memory.timestampS : 0,
    ) +
    gauge('dxl_witness_note_time_seconds', 'Time of the block cosigned last.', ({ memory }) =>
      memory ? (noteTimeOf(memory.body) ?? 0) / 1_000 : 0,
    ) +
    gauge(
      'dxl_witness_time_refused',
      '1 where the last note was refused for its time.',
      ({ untimely }) => (untimely ? 1 : 0),
    ) +
    gauge('dxl_witness_halted', '1 where the log signed two histories.', ({ memory }) =>
      memory && memory.halted !== null ? 1 : 0,
    )
  );
}
