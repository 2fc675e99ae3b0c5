import { buffer } from 'node:stream/consumers';
import type { Hex } from '../base/bytes.ts';
import type { AuditReader } from '../chain/engine/ports.ts';
import { decodeManifest, manifestBytesMax } from '../content/manifest.ts';
import type { ContentStore } from '../store/content-store.ts';
import { remark } from './output.ts';

export interface MissingContent {
  /** Deliveries on the ledger of which the content folder lacks the payload, a part of it, or its key. */
  readonly missing: number;
}

type Kept = Pick<ContentStore, 'has' | 'get' | 'sizeOf'>;

const namedMax = 100;

/**
 * Names deliveries whose payload is not kept, or not whole. No error: who has fetched a delivery may have
 * let its payload go, and trades are delivered by other ways too.
 */
export async function missingContent(
  reader: Pick<AuditReader, 'records'>,
  content: Kept,
  tell: (text: string) => void = remark,
): Promise<MissingContent> {
  let missing = 0;
  for await (const { kind, id, body } of reader.records()) {
    if (kind !== 'trade') continue;
    const lacking = await lackingOf(content, body);
    if (lacking.length === 0) continue;
    missing += 1;
    if (missing > namedMax) continue;
    for (const what of lacking) tell(`Not in the content folder: ${what}, of trade ${id}.`);
  }
  if (missing > namedMax) tell(`Not in the content folder: ${missing - namedMax} more.`);
  return { missing };
}

/** Of a trade's read model; where it has another form, a rebuild is what names that. */
async function lackingOf(content: Kept, body: unknown): Promise<readonly string[]> {
  const { delivery } = body as { delivery?: Readonly<Record<string, unknown>> | null };
  const payload = delivery?.['ciphertextDigest'];
  const key = delivery?.['wrappedKeyDigest'];
  const lacking: string[] = [];
  if (typeof payload === 'string') {
    if (!(await content.has(payload))) lacking.push(payload);
    else lacking.push(...(await lackingParts(content, payload)));
  }
  if (typeof key === 'string' && !(await content.has(key))) lacking.push(`${key} (wrapped key)`);
  return lacking;
}

/** One line for all parts of a payload that are not there; none where it is kept whole. */
async function lackingParts(content: Kept, payload: Hex): Promise<readonly string[]> {
  if (((await content.sizeOf(payload)) ?? 0) > manifestBytesMax) return [];
  const stream = await content.get(payload);
  const manifest = stream && decodeManifest(await buffer(stream));
  if (!manifest) return [];
  const missing: number[] = [];
  for (const [index, { sha256 }] of manifest.parts.entries()) {
    if (!(await content.has(sha256))) missing.push(index);
  }
  const [first] = missing;
  if (first === undefined) return [];
  const of = `${missing.length} of ${manifest.parts.length} parts of ${payload}`;
  return [`${of}, the first of them ${first} (${manifest.parts[first]?.sha256 ?? ''})`];
}
