import { createHash } from 'node:crypto';
import { compareText } from '../../base/bytes.ts';
import type { AuditReader, CommittedLeaf, EventRow, RecordRow } from '../engine/ports.ts';
import { projectLeaf, type ProjectedEvent } from '../machine/project.ts';
import type { Registry } from '../machine/registry.ts';
import { Rows } from './rows.ts';
import type { Findings } from './report.ts';

interface LastOfRecord {
  readonly firstLogIndex: number;
  readonly logIndex: number;
  /** Of the row that belongs there: a leaf may be a hundred times as long. */
  readonly digest: string;
}

/**
 * The read models against the log: each event as its leaf says, each record as its last event.
 * They may lag behind; what their cursor has not reached is not judged. Memory: one hash a
 * record.
 */
export class ProjectionCheck {
  readonly #registry: Registry;
  readonly #reader: AuditReader;
  readonly #findings: Findings;
  readonly #events: Rows<EventRow>;
  readonly #end: number;
  readonly #last = new Map<string, LastOfRecord>();

  constructor(reader: AuditReader, end: number, registry: Registry, findings: Findings) {
    this.#reader = reader;
    this.#end = end;
    this.#registry = registry;
    this.#findings = findings;
    this.#events = new Rows(reader.events());
  }

  /** Leaves in log order, as the log commits to them. */
  async see(leaves: readonly CommittedLeaf[]): Promise<void> {
    for (const { logIndex, bytes } of leaves) {
      if (logIndex >= this.#end) return;
      await this.#reportStrays((row) => row.logIndex < logIndex);
      const projected = this.#project(bytes);
      if (!projected) continue;
      const { kind, id } = projected.event;
      const name = `${kind}/${id}`;
      const firstLogIndex = this.#last.get(name)?.firstLogIndex ?? logIndex;
      const digest = digestOf(recordColumns(projected, firstLogIndex, logIndex));
      this.#last.set(name, { firstLogIndex, logIndex, digest });
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
    const pending = this.#last;
    for await (const row of this.#reader.records()) {
      this.#findings.rows.records += 1;
      const name = `${row.kind}/${row.id}`;
      const last = pending.get(name);
      if (!last) this.#findings.add('record', name, null, 'no event has written this record');
      else await this.#compareRecord(name, row, last);
      pending.delete(name);
    }
    for (const name of [...pending.keys()].sort(compareText))
      this.#findings.add('record', name, null, 'is missing');
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
    const found = columnsOf(row);
    if (digestOf(found) === last.digest) return;
    const wanted = await this.#columnsOf(last);
    if (!wanted) {
      this.#findings.add('record', name, null, 'is not what its last event says');
      return;
    }
    for (const [at, column] of recordColumnNames.entries()) {
      this.#findings.compare('record', name, column, found[at] ?? null, wanted[at] ?? null);
    }
  }

  /** From the stored leaf, where that is still the one that was seen. */
  async #columnsOf({ firstLogIndex, logIndex, digest }: LastOfRecord): Promise<Columns | null> {
    for await (const leaf of this.#reader.leaves(logIndex)) {
      const projected = leaf.logIndex === logIndex ? this.#project(leaf.bytes) : null;
      const columns = projected && recordColumns(projected, firstLogIndex, logIndex);
      return columns && digestOf(columns) === digest ? columns : null;
    }
    return null;
  }
}

type Columns = readonly (string | number | null)[];

const recordColumnNames = [
  ...['first_log_index', 'log_index', 'height', 'status', 'body', 'search_text'],
] as const;

const recordColumns = (
  { event, body, state, searchText }: ProjectedEvent,
  firstLogIndex: number,
  logIndex: number,
): Columns => [firstLogIndex, logIndex, event.height, state, canonical(body), searchText];

const columnsOf = (row: RecordRow): Columns => [
  ...[row.firstLogIndex, row.logIndex, row.height, row.status, canonical(row.body)],
  row.searchText,
];

const digestOf = (columns: Columns): string =>
  createHash('sha256').update(JSON.stringify(columns)).digest('binary');

/** JSON text with the fields of every object in one order: jsonb keeps none. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_name, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(
          Object.entries(member).sort(([left], [right]) => compareText(left, right)),
        )
      : member,
  );
