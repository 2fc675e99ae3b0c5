/**
 * A dossier's parts, read. What cannot be read is left out and told as a problem of the claim that
 * it belongs to, so that the other claims are judged on what is left.
 */
import { equalBytes } from '../base/bytes.ts';
import { encodeCbor } from '../base/cbor.ts';
import { decodeTyped } from '../base/codec.ts';
import { groupBy } from '../base/group-by.ts';
import { decodeLinked, type Link, type LinkedRecord } from '../base/linked-record.ts';
import type { Hex } from '../base/bytes.ts';
import type { Ledger, RecordKind } from '../base/room.ts';
import type { Static, TObject } from '../base/schema.ts';
import { decodeGenesis, type Genesis } from '../chain/machine/genesis.ts';
import { decodeHeader, type Header } from '../chain/machine/header.ts';
import { decodeLeaf, encodeLeaf, type EventLeaf, type ReceiptLeaf } from '../chain/machine/leaf.ts';
import { parseEnvelope, type Envelope } from '../chain/tx/envelope.ts';
import { fromBase64url } from '../base/base64url.ts';
import { recordKinds } from '../proof/records.ts';
import type { Sealing } from '../proof/sealing.ts';
import { readCheckpoint } from './checkpoint.ts';
import { operationRules } from './rules/operations.ts';
import type { OperationRule } from './rules/rule.ts';
import type { Dossier } from './schema.ts';

export interface LoggedLeaf {
  readonly logIndex: number;
  readonly bytes: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

export interface LoggedReceipt {
  readonly logIndex: number;
  readonly leaf: ReceiptLeaf;
}

/** An event with its record, decoded by its kind's schema. */
export interface LoggedEvent<Record = unknown> {
  readonly logIndex: number;
  readonly leaf: EventLeaf;
  readonly record: Record;
  /** Its place among all events of the record; null: by machine version 1, which numbered none. */
  readonly link: Link | null;
}

export interface ReadOperation {
  readonly rule: OperationRule;
  readonly command: Readonly<Record<string, unknown>>;
}

export interface ReadEnvelope {
  readonly envelope: Envelope;
  /** null where an operation is unknown or its command does not fit. */
  readonly operations: readonly ReadOperation[] | null;
}

/** A proof of what this dossier shows of a key: the value is not in the file. */
export interface ShownState {
  readonly key: string;
  readonly proof: Uint8Array;
}

export interface Evidence {
  readonly dossier: Dossier;
  readonly genesis: Genesis;
  readonly genesisBytes: Uint8Array;
  readonly header: Header | null;
  readonly headerBytes: Uint8Array;
  readonly sealing: Sealing;
  readonly leaves: readonly LoggedLeaf[];
  /** In log order, as are those of each record (`kind/id`) and of each envelope. */
  readonly events: readonly LoggedEvent[];
  readonly histories: ReadonlyMap<string, readonly LoggedEvent[]>;
  readonly caused: ReadonlyMap<Hex, readonly LoggedEvent[]>;
  readonly receipts: ReadonlyMap<Hex, LoggedReceipt>;
  readonly envelopes: ReadonlyMap<Hex, ReadEnvelope>;
  /** In the order of the file; null where its format has none. */
  readonly state: readonly ShownState[] | null;
  /** What could not be read, by the claim that it is told under. */
  readonly problems: {
    readonly checkpoint: readonly string[];
    readonly leaves: readonly string[];
    readonly envelopes: readonly string[];
    readonly state: readonly string[];
  };
}

/** Bytes of a field that the schema has admitted; throws on stray bits at its end. */
export function bytesOf(text: string): Uint8Array {
  const bytes = fromBase64url(text);
  if (!bytes) throw new RangeError('it is not base64url in its one form');
  return bytes;
}

/** Throws where the genesis document does not read: nothing can be judged without it. */
export function readEvidence(dossier: Dossier): Evidence {
  const genesisBytes = bytesOf(dossier.genesis);
  const genesis = decodeGenesis(genesisBytes);
  const checkpoint: string[] = [];
  const headerBytes = attempt(checkpoint, 'header', () => bytesOf(dossier.checkpoint.header));
  const header = attempt(checkpoint, 'header', () => decodeHeader(headerBytes ?? noBytes));
  const sealing = attempt(checkpoint, 'seal', () => readCheckpoint(dossier.checkpoint));
  return {
    dossier,
    genesis,
    genesisBytes,
    header,
    headerBytes: headerBytes ?? noBytes,
    sealing: sealing ?? { by: 'signer', signature: noBytes },
    ...readParts(dossier, genesis, checkpoint),
  };
}

function readParts(dossier: Dossier, genesis: Genesis, checkpoint: string[]) {
  const leafProblems: string[] = [];
  const leaves = dossier.leaves.flatMap(({ logIndex, leaf, proof }) => {
    const read = attempt(leafProblems, `leaf ${logIndex}`, () => ({
      logIndex,
      bytes: bytesOf(leaf),
      proof: proof.map(bytesOf),
    }));
    return read ? [read] : [];
  });
  const { events, receipts } = readLeaves(leaves, leafProblems);
  const envelopeProblems: string[] = [];
  const envelopes = readEnvelopes(dossier, genesis, envelopeProblems);
  const stateProblems: string[] = [];
  const state = dossier.state ? readState(dossier.state, stateProblems) : null;
  const problems = {
    checkpoint,
    leaves: leafProblems,
    envelopes: envelopeProblems,
    state: stateProblems,
  };
  return {
    ...{ leaves, events, receipts, envelopes, state, problems },
    histories: groupBy(events, ({ leaf }) => `${leaf.kind}/${leaf.id}`),
    caused: groupBy(
      events.filter(({ leaf }) => leaf.envelopeId !== null),
      ({ leaf }) => leaf.envelopeId ?? '',
    ),
  };
}

const readState = (
  state: NonNullable<Dossier['state']>,
  problems: string[],
): readonly ShownState[] =>
  state.flatMap(({ key, proof }) => {
    const bytes = attempt(problems, `the proof of ${key}`, () => bytesOf(proof));
    return bytes ? [{ key, proof: bytes }] : [];
  });

const noBytes = new Uint8Array();

function attempt<Value>(problems: string[], what: string, read: () => Value): Value | null {
  try {
    return read();
  } catch (error) {
    problems.push(`${what}: ${(error as Error).message}`);
    return null;
  }
}

function readLeaves(leaves: readonly LoggedLeaf[], problems: string[]) {
  const events: LoggedEvent[] = [];
  const receipts = new Map<Hex, LoggedReceipt>();
  for (const { logIndex, bytes } of leaves) {
    attempt(problems, `leaf ${logIndex}`, () => {
      const leaf = decodeLeaf(bytes);
      if (!equalBytes(encodeLeaf(leaf), bytes)) throw new RangeError('it is not canonical');
      if (leaf.type === 'event') {
        const { value: record, link } = readRecordOf(leaf);
        events.push({ logIndex, leaf, record, link });
        return;
      }
      if (receipts.has(leaf.envelopeId)) throw new RangeError('a second receipt of its envelope');
      receipts.set(leaf.envelopeId, { logIndex, leaf });
    });
  }
  events.sort((left, right) => left.logIndex - right.logIndex);
  return { events, receipts };
}

function readRecordOf(leaf: EventLeaf): LinkedRecord {
  const kind = recordKinds.get(leaf.kind);
  if (!kind) throw new RangeError(`${leaf.kind} is no kind of record`);
  const record = decodeLinked(kind.schema, encodeCbor(leaf.record));
  if ((record.value as { id?: unknown }).id !== leaf.id)
    throw new RangeError('its id is not that of its record');
  if (leaf.stream !== kind.stream) throw new RangeError(`its stream is not ${kind.stream}`);
  return record;
}

function readEnvelopes(
  dossier: Dossier,
  { parameters }: Genesis,
  problems: string[],
): ReadonlyMap<Hex, ReadEnvelope> {
  const envelopes = new Map<Hex, ReadEnvelope>();
  for (const [index, text] of dossier.envelopes.entries()) {
    attempt(problems, `envelope ${index}`, () => {
      const parsed = parseEnvelope(bytesOf(text), parameters);
      if (!parsed.ok) throw new RangeError(`${parsed.result.name} ${parsed.detail}`);
      const envelope = parsed.value;
      if (envelopes.has(envelope.id)) throw new RangeError('it stands here twice');
      const name = `envelope ${envelope.id.slice(0, 12)}`;
      const operations = attempt(problems, name, () => readOperations(envelope));
      envelopes.set(envelope.id, { envelope, operations });
    });
  }
  return envelopes;
}

const readOperations = (envelope: Envelope): ReadOperation[] =>
  envelope.operations.map(({ number, commandBytes }) => {
    const rule = operationRules.get(number);
    if (!rule) throw new RangeError(`operation ${number} is not known`);
    return { rule, command: decodeTyped(rule.command, commandBytes) };
  });

/** All events of one record in log order. */
export const historyOf = <Schema extends TObject>(
  { histories }: Evidence,
  kind: RecordKind<Schema>,
  id: string,
): readonly LoggedEvent<Static<Schema>>[] =>
  (histories.get(`${kind.name}/${id}`) ?? []) as readonly LoggedEvent<Static<Schema>>[];

/** All events of one kind of record in log order. */
export const eventsOf = <Schema extends TObject>(
  { events }: Evidence,
  kind: RecordKind<Schema>,
): LoggedEvent<Static<Schema>>[] =>
  events.filter(({ leaf }) => leaf.kind === kind.name) as LoggedEvent<Static<Schema>>[];

/** The record as the log had it before `logIndex`, as far as the dossier shows. */
export const recordBefore = <Schema extends TObject>(
  evidence: Evidence,
  kind: RecordKind<Schema>,
  id: string,
  logIndex: number,
): Static<Schema> | null =>
  historyOf(evidence, kind, id).findLast((event) => event.logIndex < logIndex)?.record ?? null;

/**
 * The records as they are at the end of what is here, as a room reads them: so that a verifier asks
 * the rooms' own rule of relatedness, and no copy of it.
 */
export const lastShown = (evidence: Evidence): Pick<Ledger, 'read'> => ({
  read: (kind, id) => historyOf(evidence, kind, id).at(-1)?.record ?? null,
});

/** The operation that caused an event; null for a deadline, or where it is not to be read. */
export function causeOf({ envelopes }: Evidence, { leaf }: LoggedEvent): ReadOperation | null {
  if (leaf.envelopeId === null || leaf.operation === null) return null;
  return envelopes.get(leaf.envelopeId)?.operations?.[leaf.operation] ?? null;
}
