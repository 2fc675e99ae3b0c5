/** Who plays in a simulated exchange, and the chain they play on. */
import { toHex, utf8 } from '../../src/base/bytes.ts';
import type { Hex } from '../../src/base/bytes.ts';
import { sha256 } from '../../src/base/hash.ts';
import type { Role } from '../../src/base/roles.ts';
import type { Genesis } from '../../src/chain/machine/genesis.ts';
import { signingKeyFromSeed } from '../../src/chain/tx/signature.ts';
import type { SigningKey } from '../../src/chain/tx/signing-key.ts';
import { possessionClaim } from '../../src/identity/possession.ts';
import { defaultParameters } from '../../src/node/make-genesis.ts';
import { testRules } from '../support/rules.ts';
import { realCircuit } from './real-proof.ts';
import { creditCodeOf } from '../support/credit-code.ts';

export const chainId = 'dxl-sim';

/** 2026-03-02 (a Monday) 10:00 in China. */
export const beginMs = 1_772_416_800_000;

const keys = new Map<Hex, SigningKey>();
const keysByName = new Map<string, SigningKey>();

/** The same key for the same name in every run. */
export function keyOf(name: string): SigningKey {
  const known = keysByName.get(name);
  if (known) return known;
  const made = signingKeyFromSeed(sha256(utf8(`simulation/${name}`)));
  keysByName.set(name, made);
  keys.set(made.keyId, made);
  return made;
}

/** The key with this id, where the simulation has made it. */
export const keyWithId = (keyId: Hex): SigningKey | undefined => keys.get(keyId);

export const digestOf = (name: string): Hex => toHex(sha256(utf8(name)));

export const blockSigner = keyOf('block-signer');
export const operator = keyOf('operator');

export interface Character {
  readonly id: string;
  readonly roles: readonly Role[];
  readonly owner: string | null;
}

const character = (id: string, role: Role, owner: string | null = null): Character => ({
  id,
  roles: ['ADMIN', role],
  owner,
});

/** Admitted by the operator in the first envelope; reviewer-4 is related to seller-1, regulator-2 to the operator. */
export const cast: readonly Character[] = [
  character('registrar-1', 'REGISTRAR'),
  character('registrar-2', 'REGISTRAR'),
  character('seller-1', 'SELLER', 'Owner of seller-1'),
  character('seller-2', 'SELLER'),
  character('buyer-1', 'BUYER', 'Owner of buyer-1'),
  character('buyer-2', 'BUYER'),
  character('reviewer-1', 'REVIEWER'),
  character('reviewer-2', 'REVIEWER'),
  character('reviewer-3', 'REVIEWER'),
  character('reviewer-4', 'REVIEWER', 'Owner of seller-1'),
  character('appraiser-1', 'APPRAISER'),
  character('bank-1', 'BANK'),
  character('bank-2', 'BANK'),
  character('worker-1', 'WORKER'),
  character('worker-2', 'WORKER'),
  character('worker-3', 'WORKER'),
  character('regulator-1', 'REGULATOR'),
  character('regulator-2', 'REGULATOR', 'Operator'),
];

export const admission = (
  { id, roles, owner }: Character,
  key: SigningKey = keyOf(id),
): Record<string, unknown> => ({
  organisationId: id,
  name: id,
  creditCode: creditCodeOf(id),
  jurisdiction: 'CN',
  beneficialOwner: owner,
  encryptionKey: '22'.repeat(32),
  roles: [...roles],
  publicKey: key.publicKey,
  possession: possessionOf(key, id),
});

export const possessionOf = (key: SigningKey, organisationId: string): Hex =>
  toHex(key.sign(possessionClaim(chainId, organisationId, key.publicKey)));

export const simulationGenesis: Genesis = {
  version: 1,
  chainId,
  timeMs: beginMs,
  mode: 'development',
  parameters: {
    ...defaultParameters,
    envelopeBytesMax: 16_384,
    operationsMax: 20,
    sequenceWindow: 16,
    expirySpanMax: 100,
    blockEnvelopesMax: 40,
    blockBytesMax: 65_536,
  },
  blockSigner: blockSigner.publicKey,
  operator: {
    organisationId: 'operator',
    name: 'Operator',
    creditCode: creditCodeOf('operator'),
    jurisdiction: 'CN',
    publicKey: operator.publicKey,
    encryptionKey: '11'.repeat(32),
  },
  circuits: [realCircuit],
  rules: testRules,
};
