import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { random } from '../harness.ts';

const names = [
  'id',
  'name',
  'district',
  'position',
  'day',
  'code',
  'member',
  'count',
  'price',
  'note',
];

const columns = names.map((name) => ({
  name,
  type:
    { id: 'INTEGER', count: 'INTEGER', price: 'DECIMAL', day: 'DATE', member: 'BOOLEAN' }[name] ??
    'TEXT',
  ...(name === 'day' ? { dateForm: '%Y-%m-%d' } : {}),
  sensitivity: ['district', 'day', 'count'].includes(name) ? 'QUASI_IDENTIFIER' : 'GENERAL',
}));

/** Rows of ten columns and some 100 bytes, the same in every run; one cell in fifty is missing. */
export async function makeTable(
  file: string,
  description: string,
  bytes: number,
): Promise<{ readonly rows: number; readonly bytes: number }> {
  const below = random(10);
  const stream = createWriteStream(file, { highWaterMark: 2 ** 22 });
  let text = `${names.join(',')}\n`;
  let [rows, written] = [0, 0];
  const flush = async (): Promise<void> => {
    written += text.length;
    if (!stream.write(text)) await once(stream, 'drain');
    text = '';
  };
  while (written + text.length < bytes) {
    rows += 1;
    const two = (value: number): string => String(value).padStart(2, '0');
    text +=
      `${rows},customer ${below(90_000)},Wuhan District ${below(13)},${below(97)}.${below(8_900) + 1_000},` +
      `2024-${two(1 + below(12))}-${two(1 + below(28))},AB-${below(9_000) + 1_000}-XY,` +
      `${below(2) === 0 ? 'yes' : 'no'},${below(50) === 0 ? '' : below(50)},${below(1_000)}.50,` +
      `some words of note ${below(100)}\n`;
    if (text.length > 2 ** 22) await flush();
  }
  await flush();
  stream.end();
  await once(stream, 'close');
  await writeFile(description, JSON.stringify(columns));
  return { rows, bytes: written };
}
