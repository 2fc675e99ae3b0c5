import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { ResultCode } from '../../base/result.ts';
import { oneOf, Type } from '../../base/schema.ts';
import { verifierFile, verifyPageFile } from '../browser-files.ts';
import { escapeHtml, htmlPage, pageStyle, swaggerStart } from '../html.ts';
import { resultTables } from '../result-tables.ts';
import { defineRoute, htmlType, ok, type Route } from '../route.ts';
import { verifyPage, verifyStyle } from '../verify-page.ts';

const page = (description: string): Route['responses'] => ({
  200: { description, type: htmlType },
});

const policy = (...directives: string[]): Record<string, string> => ({
  'Content-Security-Policy': [
    "default-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    ...directives,
  ].join('; '),
});

const plainPolicy = policy("style-src 'self'");

const verifyPolicy = policy("script-src 'self'", "style-src 'self'");

/** Swagger UI sets styles on elements and draws icons from data; its scripts are files of ours. */
const swaggerPolicy = policy(
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
);

export const pageRoutes: readonly Route[] = [
  defineRoute({
    id: 'getHome',
    method: 'get',
    path: '/',
    tag: 'Pages',
    summary: 'What this node is',
    responses: page('A page for people.'),
    handle: ({ services: { engine, genesis, genesisHash, version } }) => ({
      status: 200,
      type: htmlType,
      headers: plainPolicy,
      body: homePage({ ...engine.status(), mode: genesis.mode, genesisHash, version }, genesis),
    }),
  }),
  defineRoute({
    id: 'getOpenApi',
    method: 'get',
    path: '/openapi.json',
    tag: 'Pages',
    summary: 'This document',
    responses: ok('OpenAPI 3.1.', Type.Unsafe<unknown>({ type: 'object' })),
    mayFail: false,
    handle: ({ services: { openApi } }) => ({
      status: 200,
      body: JSON.parse(openApi()) as unknown,
    }),
  }),
  defineRoute({
    id: 'getDocs',
    method: 'get',
    path: '/docs',
    tag: 'Pages',
    summary: 'The API for people (Swagger UI)',
    responses: page('A page for people.'),
    mayFail: false,
    handle: () => ({
      status: 200,
      type: htmlType,
      headers: swaggerPolicy,
      body: htmlPage(
        'API of the Data Exchange Ledger',
        '<p><a href="/">The exchange</a> · <a href="/docs/errors">Errors</a> · ' +
          '<a href="/openapi.json">openapi.json</a></p>\n<div id="swagger-ui"></div>',
        '<link rel="stylesheet" href="/docs/styles/swagger-ui.css">\n' +
          '<script src="/docs/scripts/swagger-ui-bundle.js"></script>\n' +
          '<script src="/docs/scripts/start.js"></script>\n',
      ),
    }),
  }),
  defineRoute({
    id: 'getErrorsPage',
    method: 'get',
    path: '/docs/errors',
    tag: 'Pages',
    summary: 'Every result code: what `type` of a problem points at',
    responses: page('A page for people.'),
    mayFail: false,
    handle: ({ services: { registry } }) => ({
      status: 200,
      type: htmlType,
      headers: plainPolicy,
      body: htmlPage(
        'Errors of the Data Exchange Ledger',
        `<h1>Errors</h1>\n${resultTables(registry).map(errorTable).join('\n')}`,
      ),
    }),
  }),
  defineRoute({
    id: 'getVerifyPage',
    method: 'get',
    path: '/verify',
    tag: 'Pages',
    summary: 'Checks a proof file or a dossier in the browser',
    responses: page('A page for people.'),
    mayFail: false,
    handle: async () => ({
      status: 200,
      type: htmlType,
      headers: verifyPolicy,
      body: verifyPage(await verifierFile()),
    }),
  }),
  defineRoute({
    id: 'getVerifier',
    method: 'get',
    path: '/verifier.js',
    tag: 'Pages',
    summary: 'Every verifier as one ES module, for browsers and programs (docs/proofs.md)',
    responses: { 200: { description: 'The module.', type: 'text/javascript' } },
    mayFail: false,
    handle: async () => ({
      status: 200,
      type: 'text/javascript',
      headers: {
        'Cache-Control': 'public, max-age=3600',
        // Pages of others may use it, too: it is public, and holds no secret.
        'Access-Control-Allow-Origin': '*',
        'Cross-Origin-Resource-Policy': 'cross-origin',
      },
      body: (await verifierFile()).text,
    }),
  }),
  assetRoute('getStyle', '/docs/styles/{name}', 'text/css', {
    'page.css': () => pageStyle,
    'verify.css': () => verifyStyle,
    'swagger-ui.css': () => readSwagger('swagger-ui.css'),
  }),
  assetRoute('getScript', '/docs/scripts/{name}', 'text/javascript', {
    'start.js': () => swaggerStart,
    'verify.js': async () => (await verifyPageFile()).text,
    'swagger-ui-bundle.js': () => readSwagger('swagger-ui-bundle.js'),
  }),
];

/** Routes by hand instead of a static folder: nothing is served that is not named here. */
function assetRoute(
  id: string,
  address: string,
  type: string,
  files: Readonly<Record<string, () => string | Promise<string>>>,
): Route {
  return defineRoute({
    id,
    method: 'get',
    path: address,
    tag: 'Pages',
    summary: `A file of the pages (${type})`,
    params: Type.Object({ name: oneOf(Object.keys(files)) }, { additionalProperties: false }),
    responses: { 200: { description: 'The file.', type } },
    mayFail: false,
    handle: async ({ params: { name } }) => ({
      status: 200,
      type,
      headers: { 'Cache-Control': 'public, max-age=3600' },
      body: await files[name]?.(),
    }),
  });
}

async function readSwagger(name: string): Promise<string> {
  const { resolve } = createRequire(import.meta.url);
  return readFile(path.join(path.dirname(resolve('swagger-ui-dist/package.json')), name), 'utf8');
}

function homePage(facts: Record<string, string | number>, { operator, chainId }: Named): string {
  const rows = Object.entries(facts)
    .map(
      ([name, value]) =>
        `<tr><th>${name}</th><td><code>${escapeHtml(String(value))}</code></td></tr>`,
    )
    .join('\n');
  return htmlPage(
    `${operator.name} — ${chainId}`,
    `<h1>${escapeHtml(operator.name)}</h1>
<p>A data exchange’s trading ledger: one node of the chain <code>${escapeHtml(chainId)}</code>.</p>
<table>
${rows}
</table>
<p><a href="/docs">API</a> · <a href="/docs/errors">Errors</a> ·
<a href="/v1/checkpoint">Checkpoint</a> · <a href="/v1/blocks">Blocks</a> ·
<a href="/v1/events">Events</a> · <a href="/verify">Verify a proof</a></p>`,
  );
}

interface Named {
  readonly operator: { readonly name: string };
  readonly chainId: string;
}

const errorTable = ({ title, results }: { title: string; results: readonly ResultCode[] }) => `
<h2>${escapeHtml(title)}</h2>
<table>
<tr><th>code</th><th>name</th><th>status</th><th>what was wrong</th><th>what to do</th></tr>
${results.map(errorRow).join('\n')}
</table>`;

const errorRow = ({ code, name, status, title, remedy }: ResultCode): string =>
  `<tr id="${name}"><td>${code}</td><td><code>${name}</code></td><td>${status}</td>` +
  `<td>${escapeHtml(title)}</td><td>${escapeHtml(remedy)}</td></tr>`;
