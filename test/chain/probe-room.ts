import { defineResults, refuse, success } from '../../src/base/result.ts';
import { defineOperation, defineRecord, type Ledger, type Room } from '../../src/base/room.ts';
import { identifier, integer, nullable, record, text, timeMs } from '../../src/base/schema.ts';

/** A room without any law of its own: it writes, refuses and waits as a test tells it. */
export const probeRecord = defineRecord({
  name: 'probe',
  collection: 'probes',
  title: 'Probe',
  schema: record({
    id: identifier(),
    note: text(200),
    by: nullable(identifier()),
    height: integer(0, Number.MAX_SAFE_INTEGER),
    changedAtMs: timeMs(),
  }),
  stream: 'material',
  searchText: ({ note }) => note,
});

export const probeResults = defineResults({
  PROBE_REFUSED: [990, 422, 'The probe was told to refuse.', 'Nothing is to be done.'],
});

function note(ledger: Ledger, id: string, words: string, by: string | null, event: string): void {
  const { height, timeMs: changedAtMs } = ledger;
  ledger.write(probeRecord, { id, note: words, by, height, changedAtMs }, event);
}

export const put = defineOperation({
  number: 900,
  name: 'probe.put',
  title: 'Write a note',
  command: record({ id: identifier(), note: text(200) }),
  roles: [],
  apply(context, { id, note: words }) {
    note(context, id, words, context.actor.organisationId, 'probe.noted');
    return success;
  },
});

/** Writes first, so that a refusal has something to take back. */
export const refuseAfterWriting = defineOperation({
  number: 901,
  name: 'probe.refuse',
  title: 'Write a note and refuse',
  command: record({ id: identifier() }),
  roles: [],
  apply(context, { id }) {
    note(context, id, 'must not stay', null, 'probe.noted');
    context.schedule('probe.due', id, context.timeMs);
    return refuse(probeResults.PROBE_REFUSED, `Probe ${id}.`);
  },
});

export const schedule = defineOperation({
  number: 902,
  name: 'probe.schedule',
  title: 'Set or move a deadline',
  command: record({ id: identifier(), atMs: timeMs() }),
  roles: [],
  apply(context, { id, atMs }) {
    context.schedule('probe.due', id, atMs);
    return success;
  },
});

export const unschedule = defineOperation({
  number: 903,
  name: 'probe.unschedule',
  title: 'Take a deadline back',
  command: record({ id: identifier() }),
  roles: [],
  apply(context, { id }) {
    context.unschedule('probe.due', id);
    return success;
  },
});

export const sellOnly = defineOperation({
  number: 904,
  name: 'probe.sell',
  title: 'What a seller may do',
  command: record({ id: identifier() }),
  roles: ['SELLER'],
  apply(context, { id }) {
    note(context, id, 'sold', context.actor.organisationId, 'probe.sold');
    return success;
  },
});

/** Id `cancels-x` takes the deadline of x back; `again-…` sets its own anew, already past. */
function comeDue(ledger: Ledger, id: string): void {
  note(ledger, id, 'came due', null, 'probe.came-due');
  if (id.startsWith('cancels-')) ledger.unschedule('probe.due', id.slice('cancels-'.length));
  if (id.startsWith('again-')) ledger.schedule('probe.due', id, ledger.timeMs - 1);
}

export const probeRoom: Room = {
  name: 'probe',
  records: [probeRecord],
  operations: [put, refuseAfterWriting, schedule, unschedule, sellOnly],
  deadlines: [{ name: 'probe.due', apply: comeDue }],
  results: probeResults,
};
