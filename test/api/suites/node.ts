import { expect } from 'chai';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { apiResults } from '../../../src/api/results.ts';
import { makeReadiness } from '../../../src/api/readiness.ts';
import { standingChecks, type StandingParts } from '../../../src/api/standing-checks.ts';
import { registry } from '../../../src/chain/rooms.ts';
import { document, expectProblem, signed, type Suite } from '../suite.ts';

export function nodeSuite(suite: Suite): void {
  describe('node', () => {
    it('is not ready while the read model lags or the database is away', async () => {
      const { engine, projector } = suite.exchange.parts;
      const askDatabase = () => projector.readCursor();
      const behind = { ...projector, shownHeight: () => 0 };
      const away = () => Promise.reject(new Error('away'));
      const rows: [parts: StandingParts, name: string, detail: RegExp][] = [
        [
          { engine, askDatabase, projector: behind, lagMaxBlocks: 1 },
          'read-models',
          /^They show height 0, and the chain is at \d+\. Wait/,
        ],
        [{ engine, projector, askDatabase: away }, 'database', /^It does not answer \(away\)/],
      ];
      for (const [parts, name, detail] of rows) {
        const client = await suite.clientOf({
          readiness: makeReadiness({ checks: standingChecks(parts) }),
        });
        const answer = await client.call('getReadiness');
        expectProblem(answer, apiResults.NOT_READY);
        const { checks } = answer.json as { checks: { name: string; detail: string }[] };
        expect(checks.map((check) => check.name)).to.deep.equal([name]);
        expect(checks[0]?.detail).to.match(detail);
        expect((await client.call('getMetrics')).text)
          .to.include(`dxl_ready{check="${name}"} 0`)
          .and.include('dxl_ready{check="engine"} 1');
        expect((await client.call('getHealth')).json).to.deep.equal({ alive: true });
      }
      expect((await suite.client.call('getReadiness')).status).to.equal(200);
    });

    it('answers readiness where the database never answers', async () => {
      const { engine, projector } = suite.exchange.parts;
      const askDatabase = () => new Promise<void>(() => undefined);
      const checks = standingChecks({ engine, projector, askDatabase });
      const client = await suite.clientOf({ readiness: makeReadiness({ checks, checkMsMax: 50 }) });
      const answers = await Promise.all([1, 2, 3].map(() => client.call('getReadiness')));
      for (const answer of answers) {
        expectProblem(answer, apiResults.NOT_READY);
        expect((answer.json as { detail: string }).detail).to.match(
          /^database: It has not answered for \d+ ms\./,
        );
      }
      expect((await client.call('getHealth')).status).to.equal(200);
      expect((await client.call('getMetrics')).text).to.include('dxl_ready{check="database"} 0');
    });

    it('calls nothing a failure of its own where a client breaks off its body', async () => {
      const { hostname, port } = new URL(suite.client.baseUrl);
      const before = suite.exchange.logged.length;
      for (const [path, type] of [
        ['/v1/transactions', 'application/cose'],
        ['/v1/transactions:batch', 'application/cbor-seq'],
        ['/v1/proofs', 'application/json'],
      ] as const) {
        const socket = connect(Number(port), hostname);
        await once(socket, 'connect');
        const head = `POST ${path} HTTP/1.1\r\nHost: node\r\nContent-Type: ${type}\r\n`;
        socket.write(`${head}Content-Length: 1000\r\n\r\nabc`);
        await delay(30);
        socket.destroy();
      }
      await delay(50);
      const lines = suite.exchange.logged
        .slice(before)
        .map((line) => JSON.parse(line) as { level: number });
      expect(lines.filter(({ level }) => level >= 50)).to.deep.equal([]);
      expect((await suite.client.call('getHealth')).status).to.equal(200);
    });

    it('counts what it answers', async () => {
      const { text } = await suite.client.call('getMetrics');
      expect(text).to.match(
        /dxl_http_requests_total\{operation="submitTransaction",status="201"\} \d+/,
      );
      expect(text).to.include(`dxl_height ${suite.exchange.engine.status().height}`);
      expect(text).to.match(/dxl_projection_lag_blocks \d+/);
    });

    it('refuses methods and addresses that it does not have', async () => {
      const url = `${suite.client.baseUrl}/v1/status`;
      for (const method of ['POST', 'DELETE', 'OPTIONS']) {
        const response = await fetch(url, { method });
        expect(response.status).to.equal(405);
        expect(response.headers.get('allow')).to.equal('GET');
        expect(((await response.json()) as { name: string }).name).to.equal('METHOD_NOT_ALLOWED');
      }
      for (const path of [
        '/v1',
        '/v1/status/',
        '/V1/status',
        '/v1/nothing',
        '/docs/../x',
        '/x?y',
      ]) {
        const response = await fetch(`${suite.client.baseUrl}${path}`);
        expect(response.status, path).to.equal(404);
        const problem = (await response.json()) as { name: string; instance: string };
        expect(problem.name).to.equal('NOT_FOUND');
        expect(problem.instance).to.equal(new URL(path, url).pathname);
      }
      const malformed = await fetch(`${suite.client.baseUrl}/v1/organisations/%ff`);
      expect(malformed.status).to.equal(400);
      expect(((await malformed.json()) as { name: string }).name).to.equal('INVALID_PATH');
    });

    it('has pages that load nothing from elsewhere and run nothing inline', async () => {
      for (const operation of ['getHome', 'getDocs', 'getErrorsPage']) {
        const { text, headers } = await suite.client.call(operation);
        expect(text).not.to.match(/(src|href)="(https?:)?\/\//);
        expect(text).not.to.match(/<script>|onload=|style=/);
        expect(headers.get('content-security-policy')).to.include("default-src 'none'");
        expect(headers.get('content-security-policy')).not.to.match(/script-src[^;]*unsafe/);
        expect(headers.get('x-content-type-options')).to.equal('nosniff');
        for (const [, path] of text.matchAll(/(?:src|href)="(\/docs\/s[^"]+)"/g)) {
          const asset = await fetch(`${suite.client.baseUrl}${path ?? ''}`);
          expect(asset.status, path).to.equal(200);
          await asset.text();
        }
      }
      const home = (await suite.client.call('getHome')).text;
      expect(home).to.include('The &lt;Exchange&gt;').and.not.include('<Exchange>');
    });

    it('explains each result code where a problem’s type points', async () => {
      const { text } = await suite.client.call('getErrorsPage');
      for (const { name } of [...registry.results.values(), ...Object.values(apiResults)]) {
        expect(text).to.include(`id="${name}"`);
      }
    });

    it('serves the document that its routes are made from', async () => {
      expect((await suite.client.call('getOpenApi')).json).to.deep.equal(document);
    });

    it('numbers its own codes from 9000, with names that no room has', () => {
      const codes = Object.values(apiResults);
      expect(codes.map(({ code }) => code)).to.deep.equal(codes.map((_, at) => 9000 + at));
      const names = new Set([...registry.results.values()].map(({ name }) => name));
      expect(codes.filter(({ name }) => names.has(name))).to.deep.equal([]);
    });

    it('logs no query, body, key or signature', async () => {
      const url = suite.client.urlOf('list.organisations', { query: 'search=hushhush' });
      const headers = await signed('GET', url, { nonce: 'a-nonce-that-nobody-logs' });
      await fetch(url, { headers: { ...headers, authorization: 'Bearer hushhush' } });
      const logged = suite.exchange.logged.join('');
      expect(logged).to.include('/v1/organisations');
      expect(logged).not.to.include('hushhush');
      expect(logged).not.to.include('a-nonce-that-nobody-logs');
    });
  });
}
