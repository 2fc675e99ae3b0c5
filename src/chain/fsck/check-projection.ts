import { compareText } from '../../base/bytes.ts';
import type { AuditReader, CommittedLeaf, EventRow, RecordRow } from '../engine/ports.ts';
import { projectLeaf, type ProjectedEvent } from '../machine/project.ts';
import type { Registry } from '../machine/registry.ts';
import { sha256, type Digest } from './digest.ts';
import { Rows } from './rows.ts';
import type { Findings } from './report.ts';
import type { Scratch } from './scratch.ts';
import { lineNumber, lineNumberLength, lineText, numberOf, Sorter, textOf } from './sorter.ts';

/** What the events of one record come to. */
interface LastOfRecord {
  readonly kind: string;
  readonly id: string;
  readonly firstLogIndex: number;
  readonly logIndex: number;
  /** Of the row that belongs there, but for its first log index: a leaf may be a hundred times as long. */
  readonly digest: Digest;
}

export interface ProjectionCheckOptions {
  readonly reader: Pick<AuditReader, 'events' | 'records' | 'leaves'>;
  /** Log index that the read models have come up to. */
  readonly end: number;
  readonly registry: Registry;
  readonly findings: Findings;
  readonly scratch: Scratch;
}

/**
 * The read models against the log: each event as its leaf says, each record as its last event.
 * They may lag behind; what their cursor has not reached is not judged. One line an event goes into a
 * scratch file, to be compared with the records in their order.
 */
export class ProjectionCheck {
  readonly #registry: Registry;
  readonly #reader: ProjectionCheckOptions['reader'];
  readonly #findings: Findings;
  readonly #events: Rows<EventRow>;
  readonly #end: number;
  readonly #seen: Sorter;

  constructor({ reader, end, registry, findings, scratch }: ProjectionCheckOptions) {
    this.#reader = reader;
    this.#end = end;
    this.#registry = registry;
    this.#findings = findings;
    this.#events = new Rows(reader.events());
    this.#seen = new Sorter(scratch);
  }

  /** Leaves in log order, as the log commits to them. */
  async see(leaves: readonly CommittedLeaf[]): Promise<void> {
    for (const { logIndex, bytes } of leaves) {
      if (logIndex >= this.#end) return;
      await this.#reportStrays((row) => row.logIndex < logIndex);
      const projected = this.#project(bytes);
      if (!projected) continue;
      this.#seen.add(lineOf(projected, logIndex));
      const row = await this.#events.peek();
      if (row?.logIndex !== logIndex) {
        this.#findings.add('event', logIndex, null, 'is missing');
        continue;
      }
      await this.#events.take();
      this.#findings.rows.events += 1;
      this.#compareEvent(row, projected);
    }
  }

  async finish(): Promise<void> {
    await this.#reportStrays(() => true);
    const missing = ({ kind, id }: LastOfRecord): void =>
      this.#findings.add('record', `${kind}/${id}`, null, 'is missing');
    const wanted = lastOfRecords(this.#seen.sorted());
    let next = wanted.next();
    for await (const row of this.#reader.records()) {
      this.#findings.rows.records += 1;
      const name = `${row.kind}/${row.id}`;
      for (; next.done !== true && inOrder(next.value, row) < 0; next = wanted.next()) {
        missing(next.value);
      }
      if (next.done === true || inOrder(next.value, row) > 0) {
        this.#findings.add('record', name, null, 'no event has written this record');
        continue;
      }
      await this.#compareRecord(name, row, next.value);
      next = wanted.next();
    }
    for (; next.done !== true; next = wanted.next()) missing(next.value);
  }

  /** A damaged leaf of a block that cannot be executed is named elsewhere. */
  #project(bytes: Uint8Array): ProjectedEvent | null {
    try {
      return projectLeaf(this.#registry, bytes);
    } catch {
      return null;
    }
  }

  async #reportStrays(stray: (row: EventRow) => boolean): Promise<void> {
    for (const { logIndex } of await this.#events.takeWhile(stray)) {
      this.#findings.rows.events += 1;
      this.#findings.add('event', logIndex, null, 'no event leaf stands at this index');
    }
  }

  #compareEvent(row: EventRow, { event, body }: ProjectedEvent): void {
    const compare = (column: string, found: string | number | null, wanted: typeof found): void =>
      this.#findings.compare('event', row.logIndex, column, found, wanted);
    compare('height', row.height, event.height);
    compare('stream', row.stream, event.stream);
    compare('name', row.name, event.name);
    compare('kind', row.kind, event.kind);
    compare('record_id', row.recordId, event.id);
    compare('envelope_id', row.envelopeId, event.envelopeId);
    compare('at_ms', row.timeMs, event.timeMs);
    compare('body', canonical(row.body), canonical(body));
  }

  async #compareRecord(name: string, row: RecordRow, last: LastOfRecord): Promise<void> {
    const { firstLogIndex } = last;
    const found = columnsOf(row);
    if (digestOf(found) === last.digest) {
      this.#findings.compare('record', name, 'first_log_index', row.firstLogIndex, firstLogIndex);
      return;
    }
    const wanted = await this.#columnsOf(last);
    if (!wanted) {
      this.#findings.add('record', name, null, 'is not what its last event says');
      return;
    }
    this.#findings.compare('record', name, 'first_log_index', row.firstLogIndex, firstLogIndex);
    for (const [at, column] of recordColumnNames.entries()) {
      this.#findings.compare('record', name, column, found[at] ?? null, wanted[at] ?? null);
    }
  }

  /** From the stored leaf, where that is still the one that was seen. */
  async #columnsOf({ logIndex, digest }: LastOfRecord): Promise<Columns | null> {
    for await (const leaf of this.#reader.leaves(logIndex)) {
      const projected = leaf.logIndex === logIndex ? this.#project(leaf.bytes) : null;
      const columns = projected && recordColumns(projected, logIndex);
      return columns && digestOf(columns) === digest ? columns : null;
    }
    return null;
  }
}

type Columns = readonly (string | number | null)[];

const recordColumnNames = [...['log_index', 'height', 'status', 'body', 'search_text']] as const;

const recordColumns = (
  { event, body, state, searchText }: ProjectedEvent,
  logIndex: number,
): Columns => [logIndex, event.height, state, canonical(body), searchText];

const columnsOf = (row: RecordRow): Columns => [
  ...[row.logIndex, row.height, row.status, canonical(row.body)],
  row.searchText,
];

const digestOf = (columns: Columns): Digest => sha256(Buffer.from(JSON.stringify(columns)));

/** `kind ‖ 00 ‖ id ‖ 00 ‖ log index ‖ digest`: in the order of the table, events of a record together. */
function lineOf(projected: ProjectedEvent, logIndex: number): string {
  const { kind, id } = projected.event;
  const digest = digestOf(recordColumns(projected, logIndex));
  return `${lineText(kind)}\0${lineText(id)}\0${lineNumber(logIndex)}${digest}`;
}

function* lastOfRecords(lines: Iterable<string>): Generator<LastOfRecord, void, undefined> {
  let last: LastOfRecord | null = null;
  for (const line of lines) {
    const kindEnd = line.indexOf('\0');
    const idEnd = line.indexOf('\0', kindEnd + 1);
    const numberEnd = idEnd + 1 + lineNumberLength;
    const kind = textOf(line.slice(0, kindEnd));
    const id = textOf(line.slice(kindEnd + 1, idEnd));
    const logIndex = numberOf(line.slice(idEnd + 1, numberEnd));
    const same: boolean = last?.kind === kind && last.id === id;
    if (last && !same) yield last;
    const firstLogIndex: number = last && same ? last.firstLogIndex : logIndex;
    last = { kind, id, firstLogIndex, logIndex, digest: line.slice(numberEnd) };
  }
  if (last) yield last;
}

type RecordName = Pick<RecordRow, 'kind' | 'id'>;

const inOrder = (left: RecordName, right: RecordName): number =>
  compareText(left.kind, right.kind) || compareText(left.id, right.id);

/** JSON text with the fields of every object in one order: jsonb keeps none. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_name, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(
          Object.entries(member).sort(([left], [right]) => compareText(left, right)),
        )
      : member,
  );
