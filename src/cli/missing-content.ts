import type { AuditReader } from '../chain/engine/ports.ts';
import type { ContentStore } from '../store/content-store.ts';
import { remark } from './output.ts';

export interface MissingContent {
  /** Deliveries on the ledger whose payload the content folder lacks. */
  readonly missing: number;
}

const namedMax = 100;

/**
 * Names deliveries whose payload is not kept. No error: who has fetched a delivery may have let its
 * payload go, and trades are delivered by other ways too.
 */
export async function missingContent(
  reader: Pick<AuditReader, 'records'>,
  content: Pick<ContentStore, 'has'>,
): Promise<MissingContent> {
  let missing = 0;
  for await (const { kind, id, body } of reader.records()) {
    const digest = kind === 'trade' ? payloadOf(body) : null;
    if (digest === null || (await content.has(digest))) continue;
    missing += 1;
    if (missing <= namedMax) remark(`Not in the content folder: ${digest}, of trade ${id}.`);
  }
  if (missing > namedMax) remark(`Not in the content folder: ${missing - namedMax} more.`);
  return { missing };
}

/** Of a trade's read model; where it has another form, a rebuild is what names that. */
function payloadOf(body: unknown): string | null {
  const { delivery } = body as { delivery?: { ciphertextDigest?: unknown } | null };
  const digest = delivery?.ciphertextDigest;
  return typeof digest === 'string' ? digest : null;
}
