import type { Role } from '../../base/roles.ts';
import type { TObject } from '../../base/schema.ts';

export interface OperationRule {
  readonly number: number;
  readonly name: string;
  /** The signing key holds one of these; empty: any key in good standing. */
  readonly roles: readonly Role[];
  /** The command's fields, in the order of its positional array. */
  readonly command: TObject;
  /** Kind of the record that it is about, and the command's field that holds its id. */
  readonly subject: readonly [kind: string, field: string] | null;
  /** Paths in the subject's record after the step: one holds the signer's organisation. */
  readonly actor: readonly string[];
  /** Command field to the path in the subject's record where the same value stands after it. */
  readonly echo: Readonly<Record<string, string>>;
}

/** Number of an operation, the ledger's own deadlines, or what genesis writes. */
export type Cause = number | 'deadline' | 'genesis';

export interface EventRule {
  readonly name: string;
  readonly kind: string;
  readonly by: readonly Cause[];
  /** States that the record may have before; empty: it begins with this event; `*`: any. */
  readonly from: readonly string[];
  /** States that it may have after; empty: the record has no state; `=`: as before. */
  readonly to: readonly string[];
}
