import { streams } from '../base/room.ts';
import { digest, integer, nullable, oneOf, record, text, timeMs, Type } from '../base/schema.ts';
import type { EventView } from '../store/projection-reader.ts';
import { positionMax } from './receipt.ts';

export const eventSchema = record(
  {
    logIndex: integer(0, positionMax, 'Of its leaf: the event’s place and id'),
    height: integer(0, positionMax),
    timeMs: timeMs(),
    stream: oneOf(streams),
    name: text(80, 'room.past-tense'),
    kind: text(80, 'Of the record'),
    recordId: text(200),
    envelopeId: nullable(digest('null: by a deadline or genesis')),
    record: Type.Unsafe<unknown>({
      type: 'object',
      description: 'The whole record after the event; its schema is that of its kind',
      additionalProperties: true,
    }),
  },
  'Event',
);

export const eventFilter = {
  stream: Type.Optional(oneOf(streams)),
  kind: Type.Optional(Type.String({ maxLength: 80, description: 'Record kind' })),
  recordId: Type.Optional(Type.String({ maxLength: 200 })),
};

export const eventView = ({ body, ...event }: EventView) => ({ ...event, record: body });
