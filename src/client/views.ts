/** What the exchange answers, as far as the client reads it. /docs of a node has all of it. */
import type { Hex } from '../base/bytes.ts';
import type { VerificationKeyJson } from '../privacy/zk/verifier/verification-key.ts';

/** What became of an envelope that stands in a block. */
export interface Receipt {
  readonly envelopeId: Hex;
  readonly height: number;
  readonly position: number;
  readonly timeMs: number;
  /** 0: every operation was applied. */
  readonly resultCode: number;
  readonly resultName: string;
  readonly failedOperation: number | null;
  readonly detail: string;
  readonly logIndex: number;
  readonly appHash: Hex;
}

export interface TransactionView {
  readonly receipt: Receipt;
  readonly keyId: Hex;
  readonly sequence: number;
  readonly expiryHeight: number;
  readonly operations: readonly {
    readonly number: number;
    readonly name: string;
    readonly command: unknown;
  }[];
  /** Base64url of the bytes. */
  readonly envelope: string;
}

export interface StatusView {
  readonly version: string;
  readonly mode: 'development' | 'production';
  readonly chainId: string;
  readonly height: number;
  readonly timeMs: number;
  readonly appHash: Hex;
  readonly logSize: number;
  readonly pending: number;
  readonly projection: { readonly height: number; readonly logIndex: number };
  /** null: no witness is asked for. */
  readonly witnessed: {
    readonly height: number;
    readonly logSize: number;
    readonly required: number;
  } | null;
}

export interface GenesisView {
  /** As JSON: amounts as decimal text. */
  readonly genesis: {
    /** Of the machine's rules that the chain began with. */
    readonly version: number;
    readonly chainId: string;
    readonly parameters?: Readonly<Record<string, unknown>>;
  } & Readonly<Record<string, unknown>>;
  /** Base64url of the canonical CBOR. */
  readonly genesisBytes: string;
  readonly genesisHash: Hex;
}

/** One change of one record. */
export interface EventView {
  readonly logIndex: number;
  readonly height: number;
  readonly timeMs: number;
  readonly stream: string;
  readonly name: string;
  readonly kind: string;
  readonly recordId: string;
  /** null: by a deadline or by genesis. */
  readonly envelopeId: Hex | null;
  /** The whole record after the change, as JSON. */
  readonly record: unknown;
}

export interface SequenceView {
  readonly keyId: Hex;
  readonly chainId: string;
  readonly nextSequence: number;
  readonly height: number;
  readonly expiryHeightMax: number;
}

/** One page of a list. */
export interface PageView<Row, Cursor = string> {
  /** That the page shows. */
  readonly height: number;
  readonly data: readonly Row[];
  /** null: this is the last page now. */
  readonly next: Cursor | null;
}

/** A record's fields, as JSON. */
export type RecordJson = Readonly<Record<string, unknown>>;

/** A record of a collection. */
export interface RecordView {
  /** That the answer shows. */
  readonly height: number;
  /** Of the leaf that last changed it. */
  readonly logIndex: number;
  readonly data: RecordJson;
}

/** A signed header, decoded and as the bytes that were signed. */
export interface CheckpointView {
  readonly header: Readonly<Record<string, string | number>>;
  /** Base64url of the canonical CBOR. */
  readonly headerBytes: string;
  readonly headerHash: Hex;
  /** Base64url. */
  readonly signature: string;
}

/** At most 1000 leaves, 1000 keys and 16 earlier log sizes. */
export interface WantedProofs {
  readonly logIndexes?: readonly number[];
  /** `<kind>/<id>`. */
  readonly keys?: readonly string[];
  readonly earlier?: readonly number[];
  /** Of the checkpoint; absent: the newest. */
  readonly logSize?: number;
}

export interface VerificationKeyView {
  /** What genesis says of the circuit. */
  readonly circuit: Readonly<Record<string, string>>;
  readonly verificationKey: VerificationKeyJson;
}
