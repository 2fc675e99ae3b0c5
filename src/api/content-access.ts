/** To whom content is given: whom the records name, judged by the committed state. */
import type { Hex } from '../base/bytes.ts';
import { findNaming, readPlace, type Naming } from '../content/naming.ts';
import type { ReadRecord } from '../content/read-record.ts';
import { namingFields } from '../content/uses.ts';
import { momentText } from '../base/moment-text.ts';
import type { ContentClaim } from '../store/content-claims.ts';
import type { ContentRemoval } from '../store/content-removals.ts';
import { removalView } from './content-removal.ts';
import { Problem } from './problem.ts';
import type { Signer } from './request-signature.ts';
import { apiResults } from './results.ts';
import type { Services } from './route.ts';

type Parts = Pick<Services, 'engine' | 'claims' | 'removals' | 'genesis'>;

const readerOf =
  ({ engine }: Pick<Services, 'engine'>): ReadRecord =>
  (kind, id) =>
    engine.readRecord(kind, id);

/** What somebody may have of content. */
export interface ContentAccess {
  /** False for what nobody knows, too: the two must answer alike. */
  readonly allowed: boolean;
  /** The notice of its removal, for those who are told of it. */
  readonly removal: ContentRemoval | null;
}

/**
 * Where a record names the content: whom that record names and nobody else; before that, who sent it,
 * and whom the record names that it was sent for. Throws Problem CONTENT_REMOVED for those who were
 * told of its removal.
 */
export async function accessTo(parts: Parts, asker: Signer, digest: Hex): Promise<ContentAccess> {
  // Of what is announced nobody has shown yet that he has it.
  const claims = (await parts.claims.of(digest)).filter(({ untilMs }) => untilMs === null);
  const removal = await parts.removals.find(digest);
  const told = removal?.told.includes(asker.organisationId) === true ? removal : null;
  // Whoever sends it anew has it back.
  if (claims.length === 0 && removal !== null && removal.removedAtMs !== null) {
    if (told) throw removed(parts, told, removal.removedAtMs);
    return { allowed: false, removal: null };
  }
  const allowed = await mayRead(parts, asker, digest, claims);
  return { allowed, removal: allowed ? told : null };
}

async function mayRead(
  parts: Parts,
  asker: Signer,
  digest: Hex,
  claims: readonly ContentClaim[],
): Promise<boolean> {
  const read = readerOf(parts);
  const recordsNaming = (named: Hex) => parts.claims.recordsNaming(named, namingFields);
  const naming = await findNaming({ read, recordsNaming }, digest, claims);
  for (const { use, record } of naming) {
    if (await use.mayReadNamed(record, asker, read)) return true;
  }
  if (naming.length > 0) return false;
  if (claims.some(({ organisationId }) => organisationId === asker.organisationId)) return true;
  for (const claim of claims) {
    const found = await readPlace(read, claim.about);
    if (found && (await found.use.mayReadSent(found.record, claim, asker, read))) return true;
  }
  return false;
}

function removed({ genesis }: Parts, removal: ContentRemoval, removedAtMs: number): Problem {
  const { offsetMinutes } = genesis.rules.calendar;
  const at = (ms: number): string => momentText(ms, offsetMinutes);
  const { digest, bytes, record, deadline, neededUntilMs } = removal;
  const of = record === '' ? '' : ` of ${record}`;
  const detail =
    `Content ${digest} (${bytes} bytes) was removed at ${at(removedAtMs)}: it was needed until ` +
    `${at(neededUntilMs)}, ${deadline}${of}. Its digest stays in the records.`;
  return new Problem(apiResults.CONTENT_REMOVED, detail, { removal: removalView(removal) });
}

/** RFC 8594, of what is to be removed. */
export const sunsetOf = ({ removal }: ContentAccess): Record<string, string> =>
  removal === null ? {} : { Sunset: new Date(removal.dueAtMs).toUTCString() };

/** The committed record of `kind/id`, where content can be for that kind; else null. */
export const readAbout = (parts: Pick<Services, 'engine'>, about: string): Promise<Naming | null> =>
  readPlace(readerOf(parts), about);
