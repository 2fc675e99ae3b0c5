/** The ledger's part of CometBFT's genesis, `app_state`: JSON with base64 in it. */
import { fromUtf8 } from '../../base/bytes.ts';
import type { SignedHandOver } from '../light/hand-over.ts';
import { encodeGenesis, type Genesis } from '../machine/genesis.ts';
import { AbciFault } from './fault.ts';

export interface AppState {
  /** Canonical CBOR of the genesis document. */
  readonly dxlGenesis: string;
  /** The block signer's word that these validators seal the chain from here on. */
  readonly dxlHandOver?: { readonly statement: string; readonly signature: string };
}

export interface AppStateParts {
  readonly genesis: Uint8Array;
  readonly handOver: SignedHandOver | null;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

export const appStateOf = (genesis: Genesis, handOver: SignedHandOver | null = null): AppState => ({
  dxlGenesis: base64(encodeGenesis(genesis)),
  ...(handOver && {
    dxlHandOver: {
      statement: base64(handOver.statement),
      signature: base64(handOver.signature),
    },
  }),
});

/** Throws AbciFault where there is no genesis document, or a hand-over of another form. */
export function readAppState(bytes: Uint8Array): AppStateParts {
  try {
    const { dxlGenesis, dxlHandOver } = JSON.parse(fromUtf8(bytes)) as Partial<AppState>;
    if (typeof dxlGenesis === 'string') {
      const genesis = bytesOf(dxlGenesis);
      if (dxlHandOver === undefined) return { genesis, handOver: null };
      const { statement, signature } = dxlHandOver;
      return {
        genesis,
        handOver: { statement: bytesOf(statement), signature: bytesOf(signature) },
      };
    }
  } catch {
    // The fault below says it.
  }
  throw new AbciFault('app_state is not {"dxlGenesis": "<base64>", …}');
}
