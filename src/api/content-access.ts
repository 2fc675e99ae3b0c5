/** To whom content is given: whom the records name, judged by the committed state. */
import type { Hex } from '../base/bytes.ts';
import {
  contentUses,
  digestsNamed,
  namingFields,
  type ContentUse,
  type ReadRecord,
} from '../content/uses.ts';
import type { ContentClaim, NamingRecord } from '../store/content-claims.ts';
import type { Signer } from './request-signature.ts';
import type { Services } from './route.ts';

type Parts = Pick<Services, 'engine' | 'claims'>;

interface Naming {
  readonly use: ContentUse;
  readonly record: Parameters<ContentUse['senderOf']>[0];
}

/**
 * Whether the asker may have the content. Where a record names it, whom that record names and nobody
 * else; before that, who sent it, and whom the record names that it was sent for. False for what
 * nobody knows, too: the two must answer alike.
 */
export async function mayRead(parts: Parts, asker: Signer, digest: Hex): Promise<boolean> {
  const read: ReadRecord = (kind, id) => parts.engine.readRecord(kind, id);
  // Of what is announced nobody has shown yet that he has it.
  const claims = (await parts.claims.of(digest)).filter(({ untilMs }) => untilMs === null);
  const naming = await findNaming(parts, digest, claims);
  for (const { use, record } of naming) {
    if (await use.mayReadNamed(record, asker, read)) return true;
  }
  if (naming.length > 0) return false;
  if (claims.some(({ organisationId }) => organisationId === asker.organisationId)) return true;
  for (const claim of claims) {
    const found = await readAbout(parts, claim.about);
    if (found && (await found.use.mayReadSent(found.record, claim, asker, read))) return true;
  }
  return false;
}

/**
 * The records that name it. The read models only say where to look. A record counts where the one who
 * owes the content has sent these very bytes, or else anybody could name another's delivery in a trade
 * of his own. Of content whose sender nobody knows (an import, an older release), the first record.
 */
async function findNaming(
  parts: Parts,
  digest: Hex,
  claims: readonly ContentClaim[],
): Promise<Naming[]> {
  const places = new Set(claims.map(({ about }) => about));
  for (const { kind, id } of await parts.claims.recordsNaming(digest, namingFields)) {
    places.add(`${kind}/${id}`);
  }
  const found: Naming[] = [];
  for (const place of places) {
    const naming = await readAbout(parts, place);
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
export async function readAbout({ engine }: Parts, about: string): Promise<Naming | null> {
  const place = placeOf(about);
  const use = place && contentUses.get(place.kind);
  if (!place || !use) return null;
  const record = await engine.readRecord(use.kind, place.id);
  return record && { use, record };
}

const aboutForm = /^([a-z][a-z-]{0,39})\/([a-z0-9][a-z0-9-]{2,63})$/;

function placeOf(about: string): NamingRecord | null {
  const [, kind, id] = aboutForm.exec(about) ?? [];
  return kind !== undefined && id !== undefined ? { kind, id } : null;
}
