import { digest, integer, nullable, record, text, timeMs, type Static } from '../base/schema.ts';
import type { ContentRemoval } from '../store/content-removals.ts';

export const removalSchema = record(
  {
    digest: digest('That records name; it stays in them'),
    bytes: integer(0, Number.MAX_SAFE_INTEGER, 'Of all its parts together'),
    record: nullable(text(120, '`kind/id` whose deadline it was; null: no record')),
    deadline: text(200, 'Which deadline'),
    neededUntilMs: timeMs('That deadline'),
    noticedAtMs: timeMs('When it was noticed that it is due'),
    dueAtMs: timeMs('It is removed no earlier'),
    removedAtMs: nullable(timeMs('null: it is here still')),
  },
  'Content that is due to be removed, or was; times are block times',
);
export type RemovalView = Static<typeof removalSchema>;

/** Without the others who are told. */
export const removalView = ({ told: _told, ...removal }: ContentRemoval): RemovalView => {
  const { digest: name, bytes, record: place, deadline } = removal;
  const { neededUntilMs, noticedAtMs, dueAtMs, removedAtMs } = removal;
  return {
    ...{ digest: name, bytes, record: place === '' ? null : place, deadline },
    ...{ neededUntilMs, noticedAtMs, dueAtMs, removedAtMs },
  };
};
