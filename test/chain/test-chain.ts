import { utf8 } from '../../src/base/bytes.ts';
import { toCbor } from '../../src/base/codec.ts';
import { sha256 } from '../../src/base/hash.ts';
import { success } from '../../src/base/result.ts';
import type { Operation } from '../../src/base/room.ts';
import type { Role } from '../../src/base/roles.ts';
import type { Static, TObject } from '../../src/base/schema.ts';
import { engineResults } from '../../src/chain/engine/results.ts';
import type { Genesis } from '../../src/chain/machine/genesis.ts';
import type { FinalizedBlock } from '../../src/chain/machine/block.ts';
import { Machine } from '../../src/chain/machine/machine.ts';
import type { MachineParts } from '../../src/chain/machine/parts.ts';
import { makeRegistry } from '../../src/chain/machine/registry.ts';
import { exchangeParts } from '../../src/chain/rooms.ts';
import { signEnvelope, type EnvelopeOperation } from '../../src/chain/tx/envelope.ts';
import { txResults } from '../../src/chain/tx/results.ts';
import { signingKeyFromSeed } from '../../src/chain/tx/signature.ts';
import type { SigningKey } from '../../src/chain/tx/signing-key.ts';
import { admit } from '../../src/identity/admit.ts';
import { possessionClaim } from '../../src/identity/possession.ts';
import { identityRoom } from '../../src/identity/room.ts';
import { toHex } from '../../src/base/bytes.ts';
import { defaultParameters } from '../../src/node/make-genesis.ts';
import { testRules } from '../support/rules.ts';
import { probeRoom } from './probe-room.ts';
import { creditCodeOf } from '../support/credit-code.ts';

/** 2026-03-02 (a Monday) 10:00 in China. */
export const beginMs = 1_772_416_800_000;

/** The same key for the same name, in every run. */
export const keyOf = (name: string): SigningKey => signingKeyFromSeed(sha256(utf8(name)));

export const blockSigner = keyOf('block signer');
export const operator = keyOf('operator');

export const testGenesis = (changed: Partial<Genesis> = {}): Genesis => ({
  version: 1,
  chainId: 'dxl-test',
  timeMs: beginMs,
  mode: 'development',
  parameters: {
    ...defaultParameters,
    envelopeBytesMax: 16_384,
    operationsMax: 8,
    sequenceWindow: 16,
    expirySpanMax: 1_000,
    blockEnvelopesMax: 100,
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
  circuits: [],
  rules: testRules,
  ...changed,
});

export const testRegistry = makeRegistry([identityRoom, probeRoom], txResults, engineResults);

export const testParts: MachineParts = {
  ...exchangeParts,
  registry: testRegistry,
  verifyProof: () => success,
};

export const operationOf = <Schema extends TObject>(
  operation: Operation<Schema>,
  command: Static<Schema>,
): EnvelopeOperation => ({
  number: operation.number,
  command: toCbor(operation.command, command),
});

export interface SignOptions {
  readonly key?: SigningKey;
  readonly sequence: number;
  readonly expiryHeight?: number;
  readonly chainId?: string;
}

/** An envelope of the operator unless another key is given. */
export const sign = (
  operations: EnvelopeOperation | readonly EnvelopeOperation[],
  { key = operator, sequence, expiryHeight = 500, chainId = 'dxl-test' }: SignOptions,
): Uint8Array =>
  signEnvelope(chainId, key, {
    sequence,
    expiryHeight,
    operations: 'number' in operations ? [operations] : operations,
  });

/** The operation that admits an organisation with `keyOf(id)` as its key. */
export const admission = (id: string, roles: Role[], chainId = 'dxl-test'): EnvelopeOperation => {
  const key = keyOf(id);
  return operationOf(admit, {
    organisationId: id,
    name: id,
    creditCode: creditCodeOf(id),
    jurisdiction: 'CN',
    beneficialOwner: null,
    encryptionKey: '22'.repeat(32),
    roles,
    publicKey: key.publicKey,
    possession: toHex(key.sign(possessionClaim(chainId, id, key.publicKey))),
  });
};

/** A begun machine, whose blocks come 1 s apart unless a time is given. */
export class TestChain {
  readonly machine: Machine;
  readonly blocks: FinalizedBlock[] = [];
  /** Told after each block. */
  readonly #audit: (machine: Machine) => void;

  constructor(genesis = testGenesis(), parts = testParts, audit = (_: Machine): void => undefined) {
    this.machine = new Machine(genesis, parts);
    this.machine.initChain();
    this.#audit = audit;
  }

  get timeMs(): number {
    return this.machine.info().timeMs;
  }

  block(envelopes: readonly Uint8Array[] = [], timeMs = this.timeMs + 1_000): FinalizedBlock {
    const height = this.machine.info().height + 1;
    const block = this.machine.finalizeBlock({ height, timeMs, envelopes });
    this.machine.commit();
    this.blocks.push(block);
    this.#audit(this.machine);
    return block;
  }

  /** Names of the result codes of a block; OK where applied. */
  run(...envelopes: Uint8Array[]): string[] {
    return namesOf(this.block(envelopes));
  }
}

export const namesOf = (block: FinalizedBlock): string[] =>
  block.results.map(({ outcome }) => (outcome.ok ? 'OK' : outcome.result.name));
