import { expect } from 'chai';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { RawClient } from '../support/raw-client.ts';
import { admission, keyOf, operator, sign } from './exchange.ts';
import { Suite } from './suite.ts';

const page = new URL('../../docs/proxy.md', import.meta.url);

/** null where it is not installed. */
function findNginx(): string | null {
  for (const name of ['nginx', '/usr/sbin/nginx']) {
    try {
      execFileSync(name, ['-v'], { stdio: 'ignore' });
      return name;
    } catch {
      continue;
    }
  }
  return null;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Resolves when something listens there. */
async function listening(port: number, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error('nginx has ended');
    const socket = connect(port, '127.0.0.1');
    const there = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (there) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('api: behind nginx as docs/proxy.md has it', () => {
  const suite = new Suite();
  const nginx = findNginx();
  let folder = '';
  let proxy: ChildProcess | null = null;
  let baseUrl = '';

  /** With other ports, without TLS, and with two clients that are told apart by a header. */
  async function configure(node: string, port: number): Promise<string> {
    const text = await readFile(page, 'utf8');
    const [, written = ''] = /```nginx\n([^]*?)```/.exec(text) ?? [];
    const changes: [string, string][] = [
      ['server 127.0.0.1:8080;', `server ${new URL(node).host};`],
      ['listen 443 ssl;', `listen 127.0.0.1:${port};`],
      ['  ssl_certificate /etc/ssl/exchange.pem;\n', ''],
      ['  ssl_certificate_key /etc/ssl/exchange.key;\n', ''],
      ['  ssl_protocols TLSv1.2 TLSv1.3;\n', ''],
    ];
    let server = written;
    for (const [from, to] of changes) {
      expect(server, from).to.include(from);
      server = server.replace(from, to);
    }
    const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((name) => `${name}_temp_path ${folder}/${name};`)
      .join('\n');
    return `daemon off;\nmaster_process off;\npid ${folder}/nginx.pid;
error_log ${folder}/error.log;\nevents {}\nhttp {\naccess_log off;\n${paths}\n${server}}\n`;
  }

  before(async function () {
    if (nginx === null) {
      console.log('      nginx is not installed: docs/proxy.md is not tried');
      this.skip();
    }
    await suite.open();
    folder = await mkdtemp(path.join(tmpdir(), 'dxl-nginx-'));
    const changes = { trustedProxies: ['127.0.0.1'] };
    const node = await suite.exchange.serve(changes, { requestsPerMinute: 60 });
    const port = await freePort();
    const file = path.join(folder, 'nginx.conf');
    await writeFile(file, await configure(node, port));
    proxy = spawn(nginx, ['-p', folder, '-c', file, '-e', `${folder}/error.log`], {
      stdio: 'ignore',
    });
    await listening(port, proxy);
    baseUrl = `http://127.0.0.1:${port}`;
  });

  after(async () => {
    if (proxy?.exitCode === null) {
      const ended = once(proxy, 'exit');
      proxy.kill('SIGTERM');
      await ended;
    }
    await suite.close();
    if (folder !== '') await rm(folder, { recursive: true, force: true });
  });

  it('answers, and counts each client by itself, whatever it writes into the header', async () => {
    const remaining = async (from: string): Promise<number> => {
      const client = await RawClient.open(baseUrl, from);
      client.ask('GET /v1/status', { 'X-Forwarded-For': `203.0.113.${Math.random() * 99}` });
      const { status, headers } = await client.answer();
      client.close();
      expect(status).to.equal(200);
      return Number(/remaining=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1]);
    };
    // All at once: what a minute gives back comes in slowly, one a second.
    const asked = Array.from({ length: 30 }, () => remaining('127.0.0.21'));
    expect(Math.min(...(await Promise.all(asked)))).to.be.below(50);
    expect(await remaining('127.0.0.22')).to.equal(59);
  });

  it('passes events on as they come', async () => {
    const client = await RawClient.open(baseUrl);
    client.ask('GET /v1/events/stream');
    await client.until((text) => text.includes('\r\n\r\n'));
    await suite.submit(sign(suite.exchange, operator, [admission('org-n', keyOf('org-n'))]));
    await client.until((text) => text.includes('org-n'));
    client.close();
  });

  it('passes content on before all of it has come', async () => {
    const client = await RawClient.open(baseUrl);
    const head = { 'Content-Type': 'application/octet-stream', 'Content-Length': 1_000_000 };
    client.ask(`PUT /v1/blobs/${'0'.repeat(64)}`, head).send('the beginning');
    // Refused by the node for its digest: nginx alone would wait for the rest.
    expect((await client.answer()).json).to.include({ name: 'DIGEST_MISMATCH' });
    client.close();
  });

  it('shows readiness and metrics to the machine itself alone', async () => {
    for (const [from, status] of [
      ['127.0.0.1', 200],
      ['127.0.0.23', 403],
    ] as const) {
      const client = await RawClient.open(baseUrl, from);
      client.ask('GET /readyz', { Connection: 'close' });
      const text = await client.until((found) => found.includes('\r\n\r\n'));
      expect(text).to.include(`HTTP/1.1 ${status}`);
      client.close();
    }
  });
});
