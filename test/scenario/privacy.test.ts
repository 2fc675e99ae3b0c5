import { expect } from 'chai';
import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { toHex, utf8 } from '../../src/base/bytes.ts';
import { ExchangeClient } from '../../src/client/exchange-client.ts';
import { leastCost } from '../../src/client/keystore/cost.ts';
import { newKeyFile } from '../../src/client/keystore/key-file.ts';
import { openSealed } from '../../src/client/sealing.ts';
import { loadDataset, type Dataset } from '../../src/demo/dataset.ts';
import { play, type Played } from '../../src/demo/play.ts';
import { makeExchange, setUpMs, startNode, type TestExchange } from './support/exchange.ts';
import { contentPlaces, databasePlaces, holdingsOf } from './support/holdings.ts';
import { watchSecrets, type DrawnSecrets } from './support/randomness.ts';
import { Scanner, textSecret, type Place, type Secret } from './support/scanner.ts';
import {
  dataSecrets,
  drawnSecrets,
  jobSecrets,
  keySecrets,
  revealedSalts,
  statementSecrets,
  valuationSecrets,
} from './support/secrets.ts';
import { silentStage } from './support/stage.ts';

const passphrase = 'marmalade gnomon 7 outside';

describe('what the exchange holds after a whole trade', function () {
  this.timeout(setUpMs);

  const cleanUp: (() => Promise<void>)[] = [];
  let exchange: TestExchange;
  let drawn: DrawnSecrets;
  let dataset: Dataset;
  let played: Played;
  let scanner: Scanner;
  let secrets: Secret[];
  let holdings: readonly Place[];

  before(async () => {
    drawn = watchSecrets();
    cleanUp.push(async () => drawn.stop());
    exchange = await makeExchange({ logLevel: 'trace' });
    cleanUp.push(() => exchange.remove());
    const node = await startNode(exchange);
    cleanUp.push(() => node.stop());
    const { outDir, parties, artefacts } = exchange;
    await newKeyFile(path.join(exchange.folder, 'own.key.json'), { passphrase, cost: leastCost });
    dataset = await loadDataset();
    played = await play({ url: node.url, outDir, stage: silentStage(), parties, artefacts });
    const revealed = await revealedSalts(new ExchangeClient(node.url));
    expect(revealed.size).to.equal(2);
    await node.stop();
    secrets = [
      ...dataSecrets(dataset),
      ...statementSecrets(dataset),
      ...valuationSecrets(played),
      ...(await jobSecrets(played, outDir)),
      ...keySecrets(exchange),
      ...drawnSecrets(drawn.secrets, revealed),
      textSecret('passphrase', passphrase),
    ];
    scanner = new Scanner(secrets);
    holdings = await holdingsOf(exchange);
  });

  after(async () => {
    for (let undo = cleanUp.pop(); undo; undo = cleanUp.pop()) await undo();
  });

  const found = (places: readonly Place[]): string[] =>
    places.flatMap((place) => scanner.scan(place));

  it('knows what to look for, and looks everywhere', () => {
    expect(secrets.length).to.be.greaterThan(40_000);
    expect(scanner.needles).to.be.greaterThan(250_000);
    // Fingerprint, sample, quality, evidence, objection, valuation, references, spec, content key.
    expect(drawn.secrets.length).to.be.greaterThan(30);
    const names = holdings.map(({ name }) => name);
    for (const column of [
      'envelope.bytes',
      'leaf.bytes',
      'state.value',
      'record.body',
      'event.body',
    ]) {
      const place = holdings.find(({ name }) => name === column);
      expect(place?.bytes.length, column).to.be.greaterThan(10_000);
    }
    expect(names).to.include.members(['idempotent_request.body', 'used_nonce.nonce', 'log']);
    expect(names.filter((name) => name.startsWith('content/')).length).to.be.greaterThan(5);
    expect(holdings.find(({ name }) => name === 'log')?.bytes.length).to.be.greaterThan(10_000);
  });

  it('is none of what its parties know', () => {
    expect(found(holdings)).to.deep.equal([]);
  });

  it('has no group label in any table', () => {
    const labels = played.compute.spec.groups.map(({ label }) => label);
    expect(labels.length).to.be.greaterThan(2);
    const tables = holdings.filter(({ name }) => !/^(content\/|log$)/.test(name));
    for (const { name, bytes } of tables) {
      const text = Buffer.from(bytes).toString('latin1');
      for (const label of labels) {
        // As a whole value: in JSON, and in CBOR behind its length.
        const cbor = String.fromCharCode(0x60 + label.length) + label;
        expect(text.includes(`"${label}"`) || text.includes(cbor), `${label} in ${name}`).to.equal(
          false,
        );
      }
    }
  });

  it('does hold the evidence, for the registrar alone to open', async () => {
    const registrar = exchange.parties.get('registrar');
    const buyer = exchange.parties.get('buyer');
    if (!registrar || !buyer) throw new Error('both have keys');
    const words: string[] = [];
    for (const { bytes } of await contentPlaces(exchange.contentDir)) {
      if (buyer.openSealedBox(bytes) !== null) continue;
      const opened = registrar.openSealedBox(bytes);
      if (opened) words.push(Buffer.from(openSealed(registrar, bytes)).subarray(32).toString());
    }
    expect(words).to.have.length(3);
    const listed = statementSecrets(dataset).map(({ bytes }) => Buffer.from(bytes).toString());
    expect(listed).to.include.members(words.filter((text) => text !== dataset.header.join(', ')));
  });

  it('would be caught holding any one of them, in any place and encoding', async () => {
    const client = new pg.Client({ connectionString: exchange.database.url });
    await client.connect();
    try {
      for (const [secret, encode] of plants()) {
        await client.query(`UPDATE block SET header = header || $1::bytea WHERE height = 3`, [
          Buffer.from(encode(secret)),
        ]);
        const caught = found(await databasePlaces(exchange.database.url));
        expect(caught.join('\n'), secret.name).to.include(`${secret.name} (`);
        expect(caught.every((line) => line.includes(' in block.header at '))).to.equal(true);
        await client.query(
          `UPDATE block SET header = substr(header, 1, length(header) - $1) WHERE height = 3`,
          [encode(secret).length],
        );
      }
      expect(found(await databasePlaces(exchange.database.url))).to.deep.equal([]);
    } finally {
      await client.end();
    }
    const [line] = secrets.filter(({ name }) => name === 'line 77');
    if (!line) throw new Error('line 77 is a secret');
    await appendFile(
      exchange.logFile,
      JSON.stringify({ oops: Buffer.from(line.bytes).toString() }),
    );
    expect(found(await holdingsOf(exchange)).join()).to.include('line 77 (as it is) in log');
  });

  type Encode = (secret: Secret) => Uint8Array;

  function plants(): [Secret, Encode][] {
    const asIs: Encode = ({ bytes }) => bytes;
    const hex: Encode = ({ bytes }) => utf8(toHex(bytes));
    const base64: Encode = ({ bytes }) => utf8(Buffer.from(bytes).toString('base64'));
    const inside: Encode = ({ bytes }) =>
      utf8(Buffer.from([1, ...bytes, 2, 3]).toString('base64url'));
    const wide: Encode = ({ bytes }) => Buffer.from(Buffer.from(bytes).toString(), 'utf16le');
    const named = (start: string): Secret => {
      const secret = secrets.find(({ name }) => name.startsWith(start));
      if (!secret) throw new Error(`${start} is a secret`);
      return secret;
    };
    return [
      [named('cell '), asIs],
      [named('cell '), wide],
      [named('objection'), base64],
      [named('row 5000 in CBOR'), hex],
      [named('hash of row 9999'), hex],
      [named('hash of line 12'), inside],
      [named('signing seed of buyer'), asIs],
      [named('salt of the release'), inside],
      [named('secret 7 of'), base64],
      [named('group total'), asIs],
      [named('passphrase'), asIs],
    ];
  }
});
