/** The ledger's genesis document as `app_state` of CometBFT's genesis: JSON with base64 in it. */
import { fromUtf8 } from '../../base/bytes.ts';
import { encodeGenesis, type Genesis } from '../machine/genesis.ts';
import { AbciFault } from './fault.ts';

export interface AppState {
  readonly dxlGenesis: string;
}

export const appStateOf = (genesis: Genesis): AppState => ({
  dxlGenesis: Buffer.from(encodeGenesis(genesis)).toString('base64'),
});

/** Canonical CBOR of the genesis document. Throws AbciFault where there is none. */
export function genesisOfAppState(bytes: Uint8Array): Uint8Array {
  try {
    const { dxlGenesis } = JSON.parse(fromUtf8(bytes)) as Partial<AppState>;
    if (typeof dxlGenesis === 'string') return Buffer.from(dxlGenesis, 'base64');
  } catch {
    // The fault below says it.
  }
  throw new AbciFault('app_state is not {"dxlGenesis": "<base64>"}');
}
