/** What the parties of the demonstration know and the exchange must not. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fromHex, toHex, utf8 } from '../../../src/base/bytes.ts';
import { encodeCbor } from '../../../src/base/cbor.ts';
import { sha256 } from '../../../src/base/hash.ts';
import type { ExchangeClient } from '../../../src/client/exchange-client.ts';
import type { Dataset } from '../../../src/demo/dataset.ts';
import type { Played } from '../../../src/demo/play.ts';
import { ids } from '../../../src/demo/scenario.ts';
import { canonicalRow } from '../../../src/rights/fingerprint.ts';
import type { TestExchange } from './exchange.ts';
import { openingKey } from './party-secrets.ts';
import { binarySecret, textSecret, type Secret } from './scanner.ts';

const textColumns = [
  'Airport Name',
  'Aircraft Make Model',
  'Aircraft Airline Operator',
  'Origin State',
  'Wildlife Species',
  'Effect Amount of damage',
  'Phase of flight',
];

/** Shorter words occur by themselves. */
const cellCharactersMin = 8;

/** Cells that the published facts hold as words of their own. */
const published = (dataset: Dataset): string =>
  ['United States', ...dataset.header, dataset.source, dataset.licence].join('\n').toLowerCase();

/** Distinct cell values, every line, its canonical CBOR, and the hashes of both without a salt. */
export function dataSecrets(dataset: Dataset): Secret[] {
  const known = published(dataset);
  const cells = new Set(
    textColumns.flatMap((name) => {
      const index = dataset.header.indexOf(name);
      return dataset.rows.map((row) => row[index] ?? '');
    }),
  );
  const secrets: Secret[] = [];
  for (const cell of cells) {
    if (cell.length < cellCharactersMin || known.includes(cell.toLowerCase())) continue;
    secrets.push(textSecret(`cell ${cell}`, cell));
  }
  const lines = Buffer.from(dataset.bytes).toString('utf8').split(/\r?\n/).slice(1);
  for (const [index, line] of lines.entries()) {
    if (line.length > 0) secrets.push(...lineSecrets(`line ${index}`, line));
  }
  for (const [index, row] of dataset.rows.entries()) {
    const canonical = canonicalRow(row);
    if (row.includes('')) {
      const marked = encodeCbor(row.map((cell) => (cell === '' ? null : cell)));
      secrets.push(binarySecret(`row ${index} with what is missing`, marked));
    }
    secrets.push(binarySecret(`row ${index} in CBOR`, canonical));
    secrets.push(binarySecret(`hash of row ${index}`, sha256(canonical)));
    secrets.push(...costSecrets(dataset, index, row));
  }
  return secrets;
}

const lineSecrets = (name: string, line: string): Secret[] => [
  binarySecret(name, utf8(line)),
  binarySecret(`hash of ${name}`, sha256(utf8(line))),
];

/** Costs as they stand beside each other in a row, where they are more than zeros. */
function costSecrets(dataset: Dataset, index: number, row: readonly string[]): Secret[] {
  const at = dataset.header.indexOf('Cost Other');
  const costs = row.slice(at, at + 3);
  if (costs.join('').length < 9) return [];
  return [
    binarySecret(`costs of row ${index}`, utf8(costs.join(','))),
    binarySecret(`costs of row ${index} in CBOR`, encodeCbor([...costs]).subarray(1)),
    binarySecret(`costs of row ${index} in JSON`, utf8(JSON.stringify(costs).slice(1, -1))),
  ];
}

/** Texts behind the commitments of the play. */
export function statementSecrets({ source, licence, rows }: Dataset): Secret[] {
  const texts = {
    'evidence of acquisition': `${source}; ${licence}; taken over as published.`,
    objection: 'Our society reported some of these.',
    'legal opinion': 'Opinion on the lawfulness of the product, for the demonstration.',
    'evidence sample': rows.slice(0, 20).join('\n'),
  };
  const references = [ids.trade, ids.computeTrade].flatMap((tradeId) => [
    `transfer for ${tradeId}`,
    `pay-out for ${tradeId}`,
  ]);
  return [
    ...Object.entries(texts).map(([name, text]) => textSecret(name, text)),
    ...references.map((text) => textSecret('bank reference', text)),
  ];
}

/** What tells a table by its content alone: the root without a salt, and the index of differences. */
export function tableSecrets({ table: { inspection } }: Played): Secret[] {
  const { bare, index } = inspection.examined;
  const digests = Array.from({ length: index.columnDigests.length / 16 }, (_, at) =>
    binarySecret(`digest ${at} of the index`, index.columnDigests.subarray(16 * at, 16 * at + 16)),
  );
  return [binarySecret('bare root', fromHex(bare.root)), ...digests];
}

export function valuationSecrets({ valuation: { inputs, salt } }: Played): Secret[] {
  return [
    binarySecret('valuation inputs in CBOR', encodeCbor(Object.values(inputs))),
    textSecret('cost of the product', String(inputs.totalCostFen)),
    textSecret('valuation inputs', JSON.stringify(Object.values(inputs).slice(1)).slice(1, -1)),
    binarySecret('valuation salt', salt),
  ];
}

/** Totals by group, and the specification with its labels, nonce and release. */
export async function jobSecrets(played: Played, outDir: string): Promise<Secret[]> {
  const csv = await readFile(path.join(outDir, 'buyer', 'cost-by-size.csv'), 'utf8');
  const totals = csv.trim().split('\n').slice(1);
  const { spec, release, salt } = played.compute;
  return [
    ...totals.map((line) => binarySecret(`group line ${line}`, utf8(line))),
    ...totals.map((line) => {
      const total = line.split(',').at(-1) ?? '';
      return textSecret(`group total ${total}`, total);
    }),
    ...totals.map((line) => {
      const total = line.split(',').at(-1) ?? '';
      return binarySecret(`group total ${total} in CBOR`, encodeCbor(BigInt(total)));
    }),
    binarySecret('release', release),
    binarySecret('salt of the release', fromHex(salt)),
    binarySecret('nonce of the job', fromHex(spec.nonce)),
  ];
}

export function keySecrets({ seeds }: TestExchange): Secret[] {
  return [...seeds].flatMap(([id, own]) => [
    binarySecret(`signing seed of ${id}`, own.signing),
    binarySecret(`sealing seed of ${id}`, own.sealing),
    binarySecret(`opening key of ${id}`, openingKey(own)),
  ]);
}

/** Salts that reviewers show by revealing their decisions: public from then on. */
export async function revealedSalts(client: ExchangeClient): Promise<ReadonlySet<string>> {
  const salts = new Set<string>();
  for (let after = -1; ;) {
    const page = await client.events({ after, limit: 100 });
    for (const { kind, envelopeId } of page.data) {
      if (kind !== 'review' || envelopeId === null) continue;
      const { operations } = await client.transaction(envelopeId);
      for (const { name, command } of operations) {
        const { reviewId, salt } = command as { reviewId: string; salt: string };
        if (name === 'compliance.reveal' && reviewId === ids.review) salts.add(salt);
      }
    }
    if (page.next === null) return salts;
    after = page.next;
  }
}

export const drawnSecrets = (
  drawn: readonly Uint8Array[],
  revealed: ReadonlySet<string>,
): Secret[] =>
  drawn
    .filter((bytes) => !revealed.has(toHex(bytes)))
    .map((bytes, index) => binarySecret(`secret ${index} of ${bytes.length} bytes`, bytes));
