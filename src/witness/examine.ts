/** A witness goes to a log: fetches its newest note and checks it against the log's own tiles. */
import { equalBytes, fromUtf8 } from '../base/bytes.ts';
import { emptyRoot } from '../base/merkle.ts';
import type { CheckpointBody } from '../chain/checkpoint/body.ts';
import { contradictionOf } from '../chain/checkpoint/contradiction.ts';
import { formatSignatureLine, parseNote, signaturesOf } from '../chain/checkpoint/note.ts';
import {
  prefixProofFrom,
  rootFrom,
  rootsOfPrefixProof,
  subtreesOfPrefixProof,
  subtreesOfRoot,
} from '../chain/checkpoint/subtrees.ts';
import { deliverNote, fetchNote, fetchSubtrees } from './log-client.ts';
import { sameRoot, type FollowedLog, type SoundNote, type Witness } from './witness.ts';

export type Examined =
  /** @param delivered whether the log took the cosignature back */
  | { readonly outcome: 'cosigned'; readonly size: number; readonly delivered: boolean }
  | { readonly outcome: 'unchanged'; readonly size: number }
  /** It shows fewer leaves than were cosigned: an old copy, or it went back. */
  | { readonly outcome: 'behind'; readonly size: number; readonly cosigned: number }
  | { readonly outcome: 'halted'; readonly why: string }
  | { readonly outcome: 'refused'; readonly why: string }
  | { readonly outcome: 'unreachable'; readonly why: string };

const attemptsMax = 3;

/** Never rejects for what the log does; rejects where the witness's own disk fails. */
export async function examineLog(witness: Witness, log: FollowedLog): Promise<Examined> {
  const { url, origin } = log;
  if (url === null) return { outcome: 'refused', why: 'no address of it is known' };
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    const halted = witness.memory(origin)?.halted ?? null;
    if (halted !== null) return { outcome: 'halted', why: halted };
    const found = await lookAt(witness, log, url).catch(unreachable);
    if ('outcome' in found) return found;
    const { sound, from, prefixProof } = found;
    if (from && sound.body.size === from.size && isUnchanged(witness, origin, sound)) {
      witness.sawNewest(origin);
      return { outcome: 'unchanged', size: from.size };
    }
    const advanced = await witness.advance(sound, from, prefixProof);
    if (!advanced) continue;
    if ('halted' in advanced) return { outcome: 'halted', why: advanced.halted };
    if ('refused' in advanced) return { outcome: 'refused', why: advanced.refused };
    const delivered = await deliverNote(url, fromUtf8(advanced.cosigned)).catch(() => false);
    return { outcome: 'cosigned', size: sound.body.size, delivered };
  }
  return { outcome: 'refused', why: 'others bring its notes faster than they can be checked' };
}

interface Look {
  readonly sound: SoundNote;
  readonly from: CheckpointBody | null;
  /** From the smaller to the larger of the two, of which it leads to the larger one's root. */
  readonly prefixProof: readonly Uint8Array[] | null;
}

async function lookAt(witness: Witness, log: FollowedLog, url: string): Promise<Look | Examined> {
  const sound = witness.sound(await fetchNote(url));
  if ('status' in sound) return { outcome: 'refused', why: sound.body.trimEnd() };
  if (sound.log !== log) return { outcome: 'refused', why: `${url} is of ${sound.log.origin}` };
  const { body } = sound;
  const from = witness.memory(log.origin)?.body ?? null;
  if (!from || from.size === 0) return firstLook(sound, from, url);
  const [smaller, larger] = from.size <= body.size ? [from, body] : [body, from];
  // Signed words against signed words need no tiles.
  if (contradictionOf(smaller, larger, null)) return { sound, from, prefixProof: null };
  if (from.size === body.size) return { sound, from, prefixProof: null };
  const behind = { outcome: 'behind', size: body.size, cosigned: from.size } as const;
  if (body.size === 0) return behind;
  const prefixProof = await prefixProofOf(smaller, larger, url);
  const roots = rootsOfPrefixProof(smaller.size, larger.size, prefixProof);
  if (!roots || !equalBytes(roots.root, larger.root)) return unsoundTiles(larger.size);
  const forked = !equalBytes(roots.oldRoot, smaller.root);
  return larger === from && !forked ? behind : { sound, from, prefixProof };
}

const unsoundTiles = (size: number): Examined => ({
  outcome: 'refused',
  why: `its tiles do not lead to its root of ${size} leaves`,
});

/** Nothing was cosigned: what it shows must at least be whole. */
async function firstLook(
  sound: SoundNote,
  from: CheckpointBody | null,
  url: string,
): Promise<Look | Examined> {
  const { size, root } = sound.body;
  const found =
    size === 0 ? emptyRoot() : rootFrom(size, await fetchSubtrees(url, subtreesOfRoot(size), size));
  return equalBytes(found, root) ? { sound, from, prefixProof: null } : unsoundTiles(size);
}

async function prefixProofOf(
  smaller: CheckpointBody,
  larger: CheckpointBody,
  url: string,
): Promise<Uint8Array[]> {
  const subtrees = subtreesOfPrefixProof(smaller.size, larger.size);
  const read = await fetchSubtrees(url, subtrees, larger.size);
  return prefixProofFrom(smaller.size, larger.size, read);
}

/** The same text, and the log shows this witness's cosignature of it: there is nothing to bring. */
function isUnchanged(witness: Witness, origin: string, { note, body }: SoundNote): boolean {
  const memory = witness.memory(origin);
  const kept = memory && parseNote(memory.note);
  if (!kept || kept.text !== note.text || !sameRoot(memory.body, body)) return false;
  const own = signaturesOf(kept, witness.key).map(formatSignatureLine);
  return signaturesOf(note, witness.key).some((one) => own.includes(formatSignatureLine(one)));
}

function unreachable(error: unknown): Examined {
  const { name, message } = error as Error;
  if (name !== 'OperationalError') throw error;
  return { outcome: 'unreachable', why: message };
}

/** What an outcome says in a line. */
export function examinedWords(examined: Examined): string {
  switch (examined.outcome) {
    case 'cosigned':
      return `cosigned ${examined.size} leaves${examined.delivered ? ', and brought it back' : ''}`;
    case 'unchanged':
      return `unchanged at ${examined.size} leaves`;
    case 'behind':
      return (
        `NOT COSIGNED: it shows ${examined.size} leaves, and ${examined.cosigned} were cosigned: ` +
        'an old copy, or it went back'
      );
    case 'halted':
      return `NOT COSIGNED: ${examined.why}`;
    case 'refused':
      return `NOT COSIGNED: ${examined.why}`;
    case 'unreachable':
      return `not reached: ${examined.why}`;
  }
}
