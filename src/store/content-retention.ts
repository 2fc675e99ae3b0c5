/** Removes content that nobody needs any more, after a notice, and leaves its digest and why. */
import { randomBytes } from 'node:crypto';
import { toHex, type Hex } from '../base/bytes.ts';
import type { LastNeed, SentClaim } from '../content/retention.ts';
import { aboutContent, type ContentClaim, type ContentClaims } from './content-claims.ts';
import type {
  ContentRemoval,
  ContentRemovals,
  RemovalCounts,
  Uncleared,
} from './content-removals.ts';
import type { ContentStore } from './content-store.ts';
import { readManifest } from './kept-manifest.ts';
import type { UnusedContent } from './unused-content.ts';

/** The node's settings, in ms. */
export interface RetentionPeriods {
  /** How long content stays after it was needed last. */
  readonly keepMs: number;
  /** How long before its removal the parties are told, at least. */
  readonly noticeMs: number;
}

export interface RetentionParts extends RetentionPeriods {
  readonly claims: Pick<ContentClaims, 'of'>;
  readonly removals: ContentRemovals;
  readonly content: Pick<ContentStore, 'digests' | 'sizeOf' | 'slice' | 'get' | 'has'>;
  readonly unused: UnusedContent;
  /** Null where it is needed, or nobody knows how it came here. */
  readonly findLastNeed: (digest: Hex, claims: readonly SentClaim[]) => Promise<LastNeed | null>;
  /** Block time that the read models show; null where they are behind: nothing is decided then. */
  readonly nowMs: () => number | null;
  readonly onNotice: (removal: ContentRemoval) => void;
  readonly onRemoval: (removal: ContentRemoval) => void;
}

/** Looked at in one sweep: with one every ten minutes, 288,000 a day. */
const digestsPerSweep = 2_000;

const clearedPerSweep = 100;

export class ContentRetention {
  readonly #parts: RetentionParts;
  /** Digests are spread evenly, so that restarts do not always leave out the same. */
  #from: Hex = toHex(randomBytes(32));
  #counts: RemovalCounts = { due: 0, dueBytes: 0, removed: 0 };

  constructor(parts: RetentionParts) {
    this.#parts = parts;
  }

  /** As of the end of the last sweep. */
  get counts(): RemovalCounts {
    return this.#counts;
  }

  /** Goes on where the last one ended. Returns how much content it has removed. */
  async sweep(): Promise<number> {
    const nowMs = this.#parts.nowMs();
    if (nowMs === null) return 0;
    let removed = 0;
    let left = digestsPerSweep;
    let next: Hex | null = null;
    for await (const digest of this.#parts.content.digests(this.#from)) {
      next = digest;
      if (left === 0) break;
      left -= 1;
      next = null;
      if (await this.#consider(digest, nowMs)) removed += 1;
    }
    // From the beginning once the end is reached.
    this.#from = next ?? '';
    await this.#clear();
    this.#counts = await this.#parts.removals.counts();
    return removed;
  }

  /** Whether it was removed. */
  async #consider(digest: Hex, nowMs: number): Promise<boolean> {
    const { claims, removals, findLastNeed, keepMs, noticeMs } = this.#parts;
    const sent = await claims.of(digest);
    if (sent.some(isWaitingOrPart)) return false;
    const known = await removals.find(digest);
    if (known !== null && known.removedAtMs !== null) {
      // It came back with a folder that was restored: #clear has it.
      if (sent.length === 0) await removals.clear(digest, false);
      return false;
    }
    const need = await findLastNeed(digest, sent);
    const dueAtMs = need === null ? Infinity : need.atMs + keepMs;
    if (need === null || nowMs < dueAtMs - noticeMs) {
      if (known) await removals.withdraw(digest);
      return false;
    }
    const noticedAtMs = known?.noticedAtMs ?? nowMs;
    const { atMs: neededUntilMs, ...facts } = need;
    const removal = {
      ...{ ...facts, digest, neededUntilMs, noticedAtMs, removedAtMs: null },
      bytes: (await this.#measure(digest)) ?? 0,
      // A notice has its time, also where content was due before anybody looked.
      dueAtMs: Math.max(dueAtMs, noticedAtMs + noticeMs),
    };
    await removals.notice(removal);
    if (!known) this.#parts.onNotice(removal);
    return nowMs >= removal.dueAtMs && this.#remove(removal, nowMs);
  }

  async #remove(removal: ContentRemoval, nowMs: number): Promise<boolean> {
    const { content, removals, onRemoval } = this.#parts;
    const manifest = await readManifest(content, removal.digest);
    const parts = [...new Set(manifest?.parts.map(({ sha256 }) => sha256))];
    if (!(await removals.remove(removal.digest, nowMs, parts))) return false;
    onRemoval({ ...removal, removedAtMs: nowMs });
    return true;
  }

  async #measure(digest: Hex): Promise<number | null> {
    const manifest = await readManifest(this.#parts.content, digest);
    return manifest?.bytes ?? this.#parts.content.sizeOf(digest);
  }

  /** The bytes of what is marked as removed, also by a run that ended before it came to them. */
  async #clear(): Promise<void> {
    const { removals, unused } = this.#parts;
    const marked = await removals.uncleared(clearedPerSweep);
    if (marked.length === 0) return;
    const others = await this.#partsOfOthers(marked);
    for (const { digest, parts } of marked) {
      for (const part of parts) if (!others.has(part)) await unused.remove(part);
      // Itself last: records go on naming it, and who sends it anew has it back.
      if (await unused.removeUnclaimed(digest)) await removals.clear(digest, true);
    }
  }

  /** Of these parts, what another manifest that is here has too: of an import nobody has claims. */
  async #partsOfOthers(marked: readonly Uncleared[]): Promise<ReadonlySet<Hex>> {
    const wanted = new Set(marked.flatMap(({ parts }) => parts));
    const found = new Set<Hex>();
    if (wanted.size === 0) return found;
    const going = new Set(marked.map(({ digest }) => digest));
    for await (const digest of this.#parts.content.digests()) {
      const manifest = going.has(digest) ? null : await readManifest(this.#parts.content, digest);
      for (const { sha256 } of manifest?.parts ?? []) if (wanted.has(sha256)) found.add(sha256);
    }
    return found;
  }
}

const isWaitingOrPart = ({ about, untilMs }: ContentClaim): boolean =>
  untilMs !== null || about.startsWith(aboutContent);
