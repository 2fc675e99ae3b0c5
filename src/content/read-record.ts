import type { RecordKind } from '../base/room.ts';
import type { Static, TObject } from '../base/schema.ts';

/** A record of the committed state. */
export type ReadRecord = <Schema extends TObject>(
  kind: RecordKind<Schema>,
  id: string,
) => Promise<Static<Schema> | null>;
