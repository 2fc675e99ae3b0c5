/** Which records name content, of those that may. */
import type { Hex } from '../base/bytes.ts';
import type { ReadRecord } from './read-record.ts';
import { contentUses, digestsNamed, type ContentUse } from './uses.ts';

/** What an organisation has sent for a record: `kind/id`, or '' for none. */
export interface SentContent {
  readonly organisationId: string;
  readonly about: string;
}

export interface RecordPlace {
  readonly kind: string;
  readonly id: string;
}

export interface NamingPorts {
  readonly read: ReadRecord;
  /** Where a record may name the digest, by the read models: they are looked at, not believed. */
  readonly recordsNaming: (digest: Hex) => Promise<readonly RecordPlace[]>;
}

export interface Naming {
  /** `kind/id` */
  readonly place: string;
  readonly use: ContentUse;
  readonly record: Parameters<ContentUse['senderOf']>[0];
}

/**
 * The records that name it. The read models only say where to look. A record counts where the one who
 * owes the content has sent these very bytes, or else anybody could name another's delivery in a trade
 * of his own. Of content whose sender nobody knows (an import, an older release), the first record.
 * @param claims of what is here
 */
export async function findNaming(
  ports: NamingPorts,
  digest: Hex,
  claims: readonly SentContent[],
): Promise<Naming[]> {
  const places = new Set(claims.map(({ about }) => about));
  for (const { kind, id } of await ports.recordsNaming(digest)) places.add(`${kind}/${id}`);
  const found: Naming[] = [];
  for (const place of places) {
    const naming = await readPlace(ports.read, place);
    if (naming && digestsNamed(naming.use, naming.record).includes(digest)) found.push(naming);
  }
  if (claims.length > 0) {
    const senders = new Set(claims.map(({ organisationId }) => organisationId));
    return found.filter(({ use, record }) => senders.has(use.senderOf(record)));
  }
  const firstMs = Math.min(...found.map(({ use, record }) => use.namedAtMs(record)));
  return found.filter(({ use, record }) => use.namedAtMs(record) === firstMs);
}

/** The committed record of `kind/id`, where content can be for that kind; else null. */
export async function readPlace(read: ReadRecord, about: string): Promise<Naming | null> {
  const place = placeOf(about);
  const use = place && contentUses.get(place.kind);
  if (!place || !use) return null;
  const record = await read(use.kind, place.id);
  return record && { place: about, use, record };
}

const aboutForm = /^([a-z][a-z-]{0,39})\/([a-z0-9][a-z0-9-]{2,63})$/;

export function placeOf(about: string): RecordPlace | null {
  const [, kind, id] = aboutForm.exec(about) ?? [];
  return kind !== undefined && id !== undefined ? { kind, id } : null;
}
