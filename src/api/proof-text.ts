/** The bytes of a proof file, put together in pieces that are short for the thread. */
import { createHash } from 'node:crypto';
import { compareText } from '../base/bytes.ts';
import { canonicalJson } from '../base/canonical-json.ts';
import type { ProofContent } from '../proof/schema.ts';
import type { ThreadShare } from './thread-share.ts';

/** Of each field but the checksum its canonical JSON, in as many pieces as it was made in. */
export type ProofTexts = Readonly<Record<keyof ProofContent, readonly string[]>>;

/** Claims of one step: about 0.3 ms. */
const claimsPerStep = 50;
/** Characters of one step: about 0.3 ms for their hash. */
const stepLength = 256 * 1024;

/** What `textOf` makes of each. */
export async function pieceByPiece<Value>(
  share: ThreadShare,
  values: readonly Value[],
  textOf: (value: Value) => string,
): Promise<string[]> {
  const texts: string[] = [];
  for (let at = 0; at < values.length; at += claimsPerStep) {
    const some = values.slice(at, at + claimsPerStep);
    await share.run(() => void texts.push(...some.map(textOf)));
  }
  return texts;
}

/** The pieces of a list’s text. */
export const listTexts = (items: readonly string[]): string[] => [
  '[',
  ...items.map((item, at) => (at === 0 ? item : `,${item}`)),
  ']',
];

/** As `canonicalJson(withChecksum(content))` has it. */
export async function proofBytesOf(share: ThreadShare, texts: ProofTexts): Promise<Buffer> {
  const hash = createHash('sha256');
  const fields = Object.entries(texts).sort(([left], [right]) => compareText(left, right));
  for (const step of steps(objectTexts(fields))) await share.run(() => void hash.update(step));
  const checksum = ['checksum', [canonicalJson(hash.digest('hex'))]] as const;
  const after = fields.findIndex(([name]) => compareText(name, 'checksum') > 0);
  const whole = [...fields.slice(0, after), checksum, ...fields.slice(after)];
  const bytes: Buffer[] = [];
  for (const step of steps(objectTexts(whole))) {
    await share.run(() => void bytes.push(Buffer.from(step)));
  }
  return Buffer.concat(bytes);
}

function* objectTexts(
  fields: readonly (readonly [name: string, texts: readonly string[]])[],
): Generator<string, void, undefined> {
  for (const [at, [name, texts]] of fields.entries()) {
    yield `${at === 0 ? '{' : ','}${canonicalJson(name)}:`;
    yield* texts;
  }
  yield '}';
}

function* steps(texts: Iterable<string>): Generator<string, void, undefined> {
  let step: string[] = [];
  let length = 0;
  for (const text of texts) {
    step.push(text);
    length += text.length;
    if (length < stepLength) continue;
    yield step.join('');
    [step, length] = [[], 0];
  }
  yield step.join('');
}
