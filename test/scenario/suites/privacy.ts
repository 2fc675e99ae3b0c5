import { expect } from 'chai';
import { appendFile, readFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { toHex, utf8 } from '../../../src/base/bytes.ts';
import { ExchangeClient } from '../../../src/client/exchange-client.ts';
import { leastCost } from '../../../src/client/keystore/cost.ts';
import { newKeyFile } from '../../../src/client/keystore/key-file.ts';
import { openSealed } from '../../../src/client/sealing.ts';
import type { Driver } from '../support/driver.ts';
import { setUpMs } from '../support/exchange.ts';
import {
  blockPlaces,
  contentPlaces,
  databasePlaces,
  filePlaces,
  logPlaces,
} from '../support/holdings.ts';
import type { PlayedTrade } from '../support/played-trade.ts';
import { Scanner, textSecret, type Place, type Secret } from '../support/scanner.ts';
import {
  dataSecrets,
  drawnSecrets,
  jobSecrets,
  keySecrets,
  revealedSalts,
  statementSecrets,
  tableSecrets,
  valuationSecrets,
} from '../support/secrets.ts';

const passphrase = 'marmalade gnomon 7 outside';

/** What a run of this length fills. */
const filledColumns = ['envelope.bytes', 'leaf.bytes', 'state.value', 'record.body', 'event.body'];

/** Height of the first block that something is put into; each of the others goes into the next. */
const firstPlanted = 3;

/** What each node holds after a whole trade, against all that its parties know. */
export function privacy(world: () => PlayedTrade, { comet }: Pick<Driver, 'comet'>): void {
  let scanner: Scanner;
  let secrets: Secret[];
  let tables: Place[][];
  let others: Place[][];

  before(async function () {
    this.timeout(setUpMs);
    const { exchange, nodes, played, dataset, drawn } = world();
    await newKeyFile(path.join(exchange.folder, 'own.key.json'), { passphrase, cost: leastCost });
    const revealed = await revealedSalts(new ExchangeClient(nodes.url));
    expect(revealed.size).to.equal(2);
    secrets = [
      ...dataSecrets(dataset),
      ...statementSecrets(dataset),
      ...tableSecrets(played),
      ...valuationSecrets(played),
      ...(await jobSecrets(played, exchange.outDir)),
      ...keySecrets(exchange),
      ...drawnSecrets(drawn, revealed),
      textSecret('passphrase', passphrase),
    ];
    scanner = new Scanner(secrets);
    const { holders } = nodes;
    tables = await Promise.all(holders.map(({ databaseUrl }) => databasePlaces(databaseUrl)));
    others = await Promise.all(
      holders.map(async (holder) => [
        ...(await logPlaces(holder)),
        ...(await contentPlaces(holder)),
        ...(await blockPlaces(holder)),
      ]),
    );
  });

  const found = (places: readonly Place[]): string[] =>
    places.flatMap((place) => scanner.scan(place));

  it('knows what to look for, and looks everywhere', () => {
    expect(secrets.length).to.be.greaterThan(40_000);
    expect(scanner.needles).to.be.greaterThan(250_000);
    // Fingerprint, sample, quality, evidence, objection, valuation, references, spec, content key.
    expect(world().drawn.length).to.be.greaterThan(30);
    for (const own of tables) {
      const sizes = new Map(own.map(({ name, bytes }) => [name, bytes.length]));
      for (const column of filledColumns) {
        expect(sizes.get(column), column).to.be.greaterThan(10_000);
      }
      expect([...sizes.keys()]).to.include.members(['idempotent_request.body', 'used_nonce.nonce']);
    }
    const sizeOf = (wanted: RegExp): number =>
      others
        .flat()
        .reduce((sum, { name, bytes }) => sum + (wanted.test(name) ? bytes.length : 0), 0);
    expect(sizeOf(/\.log$/)).to.be.greaterThan(10_000);
    const content = others.flat().filter(({ name }) => name.startsWith('content/'));
    expect(content.length).to.be.greaterThan(5);
    if (!comet) return;
    expect(sizeOf(/^comet\.transactions$/)).to.be.greaterThan(4 * 10_000);
    expect(sizeOf(/^comet\.results$/)).to.be.greaterThan(4 * 10_000);
  });

  it('is none of what its parties know', () => {
    for (const [at, own] of tables.entries()) {
      expect(found([...own, ...(others[at] ?? [])]), `node ${at}`).to.deep.equal([]);
    }
  });

  it('has no group label in any table, nor in CometBFT’s blocks', () => {
    const labels = world().played.compute.spec.groups.map(({ label }) => label);
    expect(labels.length).to.be.greaterThan(2);
    const blocks = others.flat().filter(({ name }) => name.startsWith('comet.'));
    for (const { name, bytes } of [...tables.flat(), ...blocks]) {
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

  it('does hold the evidence, for the registrar alone to open', () => {
    const { exchange, dataset } = world();
    const registrar = exchange.parties.get('registrar');
    const buyer = exchange.parties.get('buyer');
    if (!registrar || !buyer) throw new Error('both have keys');
    // Nodes may hold the same content, by the same name.
    const contents = new Map(
      others
        .flat()
        .filter(({ name }) => name.startsWith('content/'))
        .map(({ name, bytes }) => [name, bytes]),
    );
    const words: string[] = [];
    const { root } = world().played.table.inspection.examined.bare;
    let roots = 0;
    for (const bytes of contents.values()) {
      if (buyer.openSealedBox(bytes) !== null) continue;
      const opened = registrar.openSealedBox(bytes);
      if (!opened) continue;
      const told = Buffer.from(openSealed(registrar, bytes)).subarray(32);
      if (told.toString('hex') === root) roots += 1;
      else words.push(told.toString());
    }
    expect([words.length, roots]).to.deep.equal([3, 1]);
    const listed = statementSecrets(dataset).map(({ bytes }) => Buffer.from(bytes).toString());
    expect(listed).to.include.members(words.filter((text) => text !== dataset.header.join(', ')));
  });

  it('would be caught holding any one of them, in any place and encoding', async () => {
    const holder = world().nodes.holders.at(-1);
    if (!holder) throw new Error('there is a node');
    const { databaseUrl } = holder;
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    try {
      // Each in a row of its own: a table is read as a whole, with a byte between its rows.
      for (const [at, [secret, encode]] of plants().entries()) {
        const { rows } = await client.query<{ header: Buffer }>(
          `UPDATE block SET header = header || $1::bytea WHERE height = $2 RETURNING header`,
          [Buffer.from(encode(secret)), firstPlanted + at],
        );
        const bytes = rows[0]?.header ?? Buffer.alloc(0);
        const caught = found([{ name: 'the row', bytes }]);
        expect(caught.join('\n'), secret.name).to.include(`${secret.name} (`);
      }
      const caught = found(await databasePlaces(databaseUrl));
      expect(caught.every((line) => line.includes(' in block.header at '))).to.equal(true);
      for (const [{ name }] of plants()) expect(caught.join('\n')).to.include(`${name} (`);
      for (const [at, [secret, encode]] of plants().entries()) {
        await client.query(
          `UPDATE block SET header = substr(header, 1, length(header) - $1) WHERE height = $2`,
          [encode(secret).length, firstPlanted + at],
        );
      }
      expect(found(await databasePlaces(databaseUrl))).to.deep.equal([]);
    } finally {
      await client.end();
    }
    const [logFile = ''] = holder.logFiles;
    await appendFile(logFile, JSON.stringify({ oops: Buffer.from(lineOf(77).bytes).toString() }));
    const caught = found(await logPlaces(holder)).join();
    expect(caught).to.include(`line 77 (as it is) in ${path.basename(logFile)}`);
  });

  const cometFiles = async (): Promise<void> => {
    const { nodes } = world();
    await nodes.halt();
    const [first] = nodes.holders;
    for (const { comet } of nodes.holders) {
      if (comet) expect(found(await filePlaces(comet.dataDir, 'comet'))).to.deep.equal([]);
    }
    const wal = path.join(first?.comet?.dataDir ?? '', 'cs.wal', 'wal');
    expect((await readFile(wal)).length).to.be.greaterThan(10_000);
    await appendFile(wal, lineOf(78).bytes);
    const caught = found(await filePlaces(path.dirname(wal), 'comet')).join();
    expect(caught).to.include('line 78 (as it is) in comet/wal');
  };
  if (comet) it('is none of it in the files that CometBFT leaves behind', cometFiles);

  const lineOf = (line: number): Secret => {
    const secret = secrets.find(({ name }) => name === `line ${line}`);
    if (!secret) throw new Error(`line ${line} is a secret`);
    return secret;
  };

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
}
