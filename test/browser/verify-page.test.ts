import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { browserBundle } from '../../scripts/browser-bundles.ts';
import { toHex, utf8 } from '../../src/base/bytes.ts';
import { assembleDossier } from '../../src/client/dossier/assemble.ts';
import { admission, genesis, keyOf, operator, sign } from '../api/exchange.ts';
import { openExchange, type TestExchange } from '../api/exchange.ts';
import { testSetHash } from '../chain/light/make-block.ts';
import { playedDossier, scenarioOpenings } from '../dossier/sample-dossier.ts';
import { scenarioTrades } from '../dossier/scenario.ts';
import { keyOf as partyKey } from '../dossier/world.ts';
import { sealed } from '../proof/made-chain.ts';
import { contentOf } from '../proof/made-network.ts';
import { findChromium, noChromium, openChromium } from '../support/chromium.ts';

const example = (name: string): Buffer =>
  readFileSync(new URL(`../../docs/examples/${name}.dossier.json`, import.meta.url));

describe('the page /verify', function () {
  this.timeout(300_000);
  let exchange: TestExchange;
  let url: string;

  const bytesAt = async (path: string): Promise<Buffer> => {
    const answer = await fetch(url + path);
    expect(answer.status, path).to.equal(200);
    return Buffer.from(await answer.arrayBuffer());
  };

  before(async () => {
    exchange = await openExchange();
    url = await exchange.serve();
    const key = keyOf('browser');
    await exchange.engine.submit(sign(exchange, operator, [admission('the-seller', key)]));
  });
  after(() => exchange.close());

  it('names the SHA-256 of the module that it loads, which is what the source gives', async () => {
    const [page, module] = [await bytesAt('/verify'), await bytesAt('/verifier.js')];
    const hash = createHash('sha256').update(module).digest('hex');
    expect(page.toString()).to.include(hash);
    expect(module.length).to.be.lessThan(500_000);
    expect(module.toString() === (await browserBundle('verifier'))).to.equal(true);
    const script = await bytesAt('/docs/scripts/verify.js');
    expect(script.toString() === (await browserBundle('page'))).to.equal(true);
  });

  it('serves a module that verifies wherever there is JavaScript, and reaches for nothing else', async () => {
    const text = (await bytesAt('/verifier.js')).toString();
    expect(text).to.not.match(/(?<!\.)\b(require\(|process\.|Buffer\.|fetch\(|XMLHttpRequest)/);
    expect(text).to.not.match(/\bimport\s*["'(]/);
    const address = `data:text/javascript;base64,${Buffer.from(text).toString('base64')}`;
    const verifier = (await import(address)) as {
      verifyProof: (bytes: Uint8Array) => { outcome: string };
      verifyDossier: (bytes: Uint8Array) => { outcome: string };
    };
    const file = await bytesAt('/v1/proofs/state/organisation/the-seller');
    expect(verifier.verifyProof(file).outcome).to.equal('HOLDS');
    file[100] = file[100]! ^ 1;
    expect(verifier.verifyProof(file).outcome).to.equal('FAILS');
    expect(verifier.verifyDossier(example('whole')).outcome).to.equal('HOLDS');
  });

  describe('in Chromium', () => {
    const executable = findChromium();
    let browser: Browser;
    let context: BrowserContext;
    let page: Page;
    const asked: string[] = [];
    const complaints: string[] = [];

    before(async function () {
      if (executable === null) {
        process.stdout.write(`      ${noChromium}\n`);
        this.skip();
      }
      browser = await openChromium(executable);
      context = await browser.newContext({ viewport: { width: 1100, height: 900 } });
      page = await context.newPage();
      page.on('request', (request) => asked.push(new URL(request.url()).pathname));
      page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
      page.on('pageerror', (error) => complaints.push(error.message));
    });
    after(async () => {
      if (executable !== null) await browser.close();
    });
    beforeEach(async () => {
      await page.goto(`${url}/verify`);
      asked.length = 0;
    });
    afterEach(() => {
      expect(complaints).to.deep.equal([]);
      expect(asked, 'nothing is sent anywhere').to.deep.equal([]);
    });

    const give = async (field: string, name: string, buffer: Buffer): Promise<void> => {
      await page.setInputFiles(field, { name, mimeType: 'application/json', buffer });
    };
    const verdict = async (): Promise<string> => {
      await page.waitForSelector('.verdict');
      return (await page.textContent('.verdict')) ?? '';
    };
    const claims = (): Promise<string[]> => page.locator('.claims li').allInnerTexts();

    it('shows what a proof of state shows, as text and nothing else', async () => {
      const proof = await bytesAt('/v1/proofs/state/organisation/the-exchange');
      await give('#file', 'state.json', proof);
      expect(await verdict()).to.match(/^It holds\./);
      const texts = await claims();
      expect(texts.join('\n')).to.include('organisation/the-exchange is there, with this value');
      await page.click('.claims summary');
      expect(await page.innerText('.claims details')).to.include('The <Exchange>');
      expect(await page.innerText('.warning')).to.match(/compared with none that you trust/);
      expect(await page.innerText('#status')).to.match(/state\.json: [0-9,]+ bytes, checked in/);
    });

    it('shows absence, and a leaf with its fields', async () => {
      await give('#file', 'none.json', await bytesAt('/v1/proofs/state/licence/none'));
      expect(await verdict()).to.match(/^It holds\./);
      expect((await claims()).join()).to.include('Nothing stands at licence/none');
      await give('#file', 'leaf.json', await bytesAt('/v1/proofs/inclusion/0'));
      await page.locator('#status', { hasText: 'leaf' }).waitFor();
      await page.waitForSelector('.verdict.holds');
      expect((await claims()).join()).to.match(/Leaf 0 stands in the log: identity.admitted/);
    });

    it('refuses a changed file, and what is no file of ours', async () => {
      const proof = await bytesAt('/v1/proofs/state/organisation/the-seller');
      proof[proof.length - 20] = proof[proof.length - 20]! ^ 1;
      await give('#file', 'changed.json', proof);
      expect(await verdict()).to.match(/^It fails\./);
      const hostile = '<img src=x onerror=alert(1)>.json';
      await give('#file', hostile, Buffer.from(utf8('<script>alert(1)</script>')));
      await page.locator('#status', { hasText: '<img' }).waitFor();
      expect(await page.locator('img, #result script').count()).to.equal(0);
    });

    it('takes a file that is dropped', async () => {
      const text = (await bytesAt('/v1/proofs/state/organisation/the-seller')).toString();
      const transfer = await page.evaluateHandle(
        `(() => { const it = new DataTransfer();
          it.items.add(new File([${JSON.stringify(text)}], 'dropped.json')); return it; })()`,
      );
      await page.dispatchEvent('#drop', 'drop', { dataTransfer: transfer });
      expect(await verdict()).to.match(/^It holds\./);
      expect(await page.innerText('#status')).to.match(/^dropped\.json/);
    });

    it('holds it against what the reader knows: genesis hash and a checkpoint that was kept', async () => {
      const kept = await bytesAt('/v1/proofs/checkpoint');
      const size = exchange.engine.checkpoint()!.header.logSize;
      const next = sign(exchange, operator, [admission('the-next', keyOf('next'))]);
      await exchange.engine.submit(next);
      await give('#file', 'grown.json', await bytesAt(`/v1/proofs/consistency?first=${size}`));
      await verdict();
      await page.click('.known summary');
      await page.fill('#genesis-hash', exchange.parts.genesisHash);
      await give('#kept', 'kept.json', kept);
      await page.locator('.claims', { hasText: 'P06' }).waitFor();
      expect(await verdict()).to.match(/^It holds\./);
      expect(await page.locator('.warning').allInnerTexts()).to.have.length(1);
      await page.fill('#genesis-hash', toHex(new Uint8Array(32)));
      await page.press('#genesis-hash', 'Tab');
      await page.waitForSelector('.verdict.fails');
      await page.fill('#genesis-hash', 'not one');
      await page.press('#genesis-hash', 'Tab');
      await page.locator('#status', { hasText: '64' }).waitFor();
      expect(genesis.chainId).to.equal('dxl-api-test');
    });

    it('checks dossiers, too', async () => {
      await give('#file', 'whole.dossier.json', example('whole'));
      expect(await verdict()).to.match(/^It holds\./);
      expect(await page.locator('.end').allInnerTexts()).to.have.length(2);
      expect(await page.locator('.end').first().innerText()).to.match(
        /^Trade birdstrikes-trade\s+Completed: seller sold to buyer; certificate TC-/,
      );
      expect(await page.innerText('#result')).to.include('Each record as of the checkpoint');
      expect(await claims()).to.have.length(19);
      expect((await claims()).at(-1)).to.match(/^HOLDS\s+Nothing that came later/);
      await give('#file', 'broken.dossier.json', example('broken'));
      await page.waitForSelector('.verdict.fails');
      expect((await claims()).join()).to.match(/FAILS/);
    });

    it('tells what does not apply apart from what is not shown', async () => {
      const { world } = await playedDossier();
      const trades = [scenarioTrades[0] ?? ''];
      const openings = { ...scenarioOpenings(), computations: [] };
      const key = partyKey('buyer');
      const bytes = await assembleDossier(world, { trades, openings, key });
      await give('#file', 'file.dossier.json', Buffer.from(bytes));
      expect(await verdict()).to.match(/One claim is left open/);
      const outside = page.locator('.claims li.outside');
      expect(await outside.allInnerTexts()).to.have.length(1);
      expect(await outside.innerText()).to.match(
        /^DOES NOT APPLY\s[^]*C16[^]*is not for computation/,
      );
      expect(await page.locator('.claims li.open').innerText()).to.match(/^NOT SHOWN\s[^]*C10/);
    });

    it('does not pass over a kept checkpoint with a dossier, which it cannot be held against', async () => {
      await page.click('.known summary');
      await give('#kept', 'kept.json', await bytesAt('/v1/proofs/checkpoint'));
      await give('#file', 'whole.dossier.json', example('whole'));
      await page.locator('#status', { hasText: 'is for proof files' }).waitFor();
      expect(await page.locator('.verdict').count()).to.equal(0);
    });

    it('says whether the validators of a file are those that the reader knows', async () => {
      await give('#file', 'network.json', Buffer.from(sealed(contentOf())));
      expect(await verdict()).to.match(/^It holds\./);
      expect((await claims()).join()).to.include('sealed by 4 of 4 validators');
      expect((await page.locator('.warning').allInnerTexts()).join()).to.match(/hand-over alone/);
      await page.click('.known summary');
      await page.fill('#validators-hash', testSetHash);
      await page.press('#validators-hash', 'Tab');
      await page.locator('.warning', { hasText: 'hand-over alone' }).waitFor({ state: 'detached' });
      expect(await verdict()).to.match(/^It holds\./);
      await page.fill('#validators-hash', '11'.repeat(32));
      await page.press('#validators-hash', 'Tab');
      await page.waitForSelector('.verdict.fails');
      expect((await claims()).join()).to.include('other validators than the trusted');
    });

    it('fits a narrow screen', async () => {
      await page.setViewportSize({ width: 375, height: 800 });
      await give('#file', 'state.json', await bytesAt('/v1/proofs/state/organisation/the-seller'));
      await verdict();
      const wide = await page.evaluate('document.documentElement.scrollWidth');
      expect(wide).to.be.at.most(375);
      await page.setViewportSize({ width: 1100, height: 900 });
    });
  });
});
