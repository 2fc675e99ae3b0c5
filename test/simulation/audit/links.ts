import { encodeCbor } from '../../../src/base/cbor.ts';
import { decodeLinked, valueDigest } from '../../../src/base/linked-record.ts';
import type { EventLeaf } from '../../../src/chain/machine/leaf.ts';
import { registry } from '../../../src/chain/rooms.ts';
import { must } from './must.ts';

/** M-134: from some event on each is numbered, from 1 on, and names the one before by its digest. */
export class LinksAuditor {
  readonly #last = new Map<string, { readonly number: number; readonly digest: string }>();
  #isNumbering = false;

  judge(events: readonly EventLeaf[]): void {
    for (const { kind, id, record } of events) {
      const name = `${kind}/${id}`;
      const bytes = encodeCbor(record);
      const { schema } = registry.records.get(kind) ?? {};
      must(schema, `record kind ${kind} is known`);
      const { link } = decodeLinked(schema, bytes);
      const before = this.#last.get(name);
      must(link !== null || !this.#isNumbering, `${name} is numbered, as events before it are`);
      if (link !== null) {
        this.#isNumbering = true;
        must(link.number === (before?.number ?? 0) + 1, `${name} has the next number`);
        must(link.previous === (before?.digest ?? null), `${name} names the event before`);
      }
      this.#last.set(name, { number: link?.number ?? 0, digest: valueDigest(bytes) });
    }
  }
}
