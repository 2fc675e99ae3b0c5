/** Two notes of one log that cannot both be true: its operator showed two histories. */
import { equalBytes, fromUtf8, utf8 } from '../../base/bytes.ts';
import { fromBase64, toBase64 } from '../../base/base64.ts';
import { parseCheckpoint, type CheckpointBody } from './body.ts';
import { blockOf } from './ledger-note.ts';
import { isSignedByLog } from './log-signature.ts';
import {
  formatVerifierKey,
  parseNote,
  parseVerifierKey,
  type VerifierKey,
  type VerifySignature,
} from './note.ts';
import { rootsOfPrefixProof } from './subtrees.ts';

export const contradictions = {
  'two-roots': 'one size, two roots',
  'not-a-prefix': 'the smaller tree is not how the larger one began',
  'two-blocks': 'one height, two blocks',
  'out-of-order': 'the larger tree is of an earlier block',
} as const;
export type Contradiction = keyof typeof contradictions;

/** All that a stranger needs; nothing in it is believed without being checked. */
export interface Evidence {
  /** Of the one log, each trusted to sign its notes: one, or one for each validator. */
  readonly logKeys: readonly VerifierKey[];
  /** As they were received, each the whole note with its signatures. */
  readonly notes: readonly [Uint8Array, Uint8Array];
  /** From the smaller to the larger tree (`prefixProofFrom`), where two sizes contradict. */
  readonly prefixProof: readonly Uint8Array[] | null;
}

export type Judgement =
  | { readonly proven: true; readonly contradiction: Contradiction }
  | { readonly proven: false; readonly why: string };

/** Whether the evidence shows that the holders of the log's keys signed two histories. */
export function judge(evidence: Evidence, verify: VerifySignature): Judgement {
  const bodies: CheckpointBody[] = [];
  for (const [at, bytes] of evidence.notes.entries()) {
    const note = parseNote(bytes);
    const body = note && parseCheckpoint(note.text);
    const which = at === 0 ? 'the first note' : 'the second note';
    if (!body) return open(`${which} is no signed checkpoint`);
    const keys = evidence.logKeys.filter(({ name }) => name === body.origin);
    if (keys.length === 0) return open(`${which} is of ${body.origin}`);
    if (!keys.some((key) => isSignedByLog(note, key, verify))) {
      return open(`${which} is signed by none of ${keys.map(formatVerifierKey).join(', ')}`);
    }
    bodies.push(body);
  }
  const [one, other] = bodies.sort((left, right) => left.size - right.size);
  if (!one || !other) return open('there are not two notes');
  if (one.origin !== other.origin)
    return open(`the notes are of ${one.origin} and ${other.origin}`);
  const contradiction = contradictionOf(one, other, evidence.prefixProof);
  if (contradiction) return { proven: true, contradiction };
  return open(
    one.size === other.size
      ? 'both say the same'
      : `sizes ${one.size} and ${other.size}: without a proof between them they may both be true`,
  );
}

/** @param one of no more leaves than the other; both are signed by the log */
export function contradictionOf(
  one: CheckpointBody,
  other: CheckpointBody,
  prefixProof: readonly Uint8Array[] | null,
): Contradiction | null {
  if (one.size === other.size && !equalBytes(one.root, other.root)) return 'two-roots';
  const [below, above] = [blockOf(one), blockOf(other)];
  if (below && above) {
    const same = below.headerHash === above.headerHash && one.size === other.size;
    if (below.height === above.height && !same) return 'two-blocks';
    if (one.size < other.size && below.height > above.height) return 'out-of-order';
  }
  const roots = prefixProof && rootsOfPrefixProof(one.size, other.size, prefixProof);
  if (!roots || !equalBytes(roots.root, other.root)) return null;
  return equalBytes(roots.oldRoot, one.root) ? null : 'not-a-prefix';
}

const format = 'dxl-fork-evidence/1';

/** JSON text, for a file that may be given to anybody. */
export const writeEvidence = ({ logKeys, notes, prefixProof }: Evidence): string =>
  `${JSON.stringify(
    {
      format,
      logKeys: logKeys.map(formatVerifierKey),
      notes: notes.map(fromUtf8),
      prefixProof: prefixProof?.map(toBase64) ?? null,
    },
    null,
    2,
  )}\n`;

/** null for what is no evidence file. */
export function readEvidence(text: string): Evidence | null {
  const json = parseJson(text);
  const keys = texts(json['logKeys'])?.map(parseVerifierKey);
  const notes = texts(json['notes']);
  const hashes = json['prefixProof'] === null ? null : texts(json['prefixProof'])?.map(fromBase64);
  if (json['format'] !== format || notes?.length !== 2) return null;
  if (!keys?.every((key) => key !== null)) return null;
  if (hashes === undefined || hashes?.some((hash) => hash === null)) return null;
  const [first = '', second = ''] = notes;
  return {
    logKeys: keys,
    notes: [utf8(first), utf8(second)],
    prefixProof: hashes as Uint8Array[] | null,
  };
}

const open = (why: string): Judgement => ({ proven: false, why });

const texts = (value: unknown): string[] | undefined =>
  Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;

function parseJson(text: string): Readonly<Record<string, unknown>> {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
