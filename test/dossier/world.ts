/** The whole exchange in one process, without disk or network: the real machine with all rooms. */
import { expect } from 'chai';
import { assert } from '../../src/base/assert.ts';
import { utf8, type Hex } from '../../src/base/bytes.ts';
import { toCbor } from '../../src/base/codec.ts';
import { sha256 } from '../../src/base/hash.ts';
import { leafHash, MerkleLog } from '../../src/base/merkle.ts';
import type { RecordKind } from '../../src/base/room.ts';
import type { Static, TObject } from '../../src/base/schema.ts';
import { encodeGenesis, type Genesis } from '../../src/chain/machine/genesis.ts';
import {
  decodeHeader,
  encodeHeader,
  headerHash,
  headerSignatureInput,
} from '../../src/chain/machine/header.ts';
import { decodeLeaf } from '../../src/chain/machine/leaf.ts';
import { Machine } from '../../src/chain/machine/machine.ts';
import { exchangeParts, registry } from '../../src/chain/rooms.ts';
import { signEnvelope } from '../../src/chain/tx/envelope.ts';
import { toBase64url } from '../../src/base/base64url.ts';
import { signingKeyFromSeed } from '../../src/chain/tx/signature.ts';
import type { SigningKey } from '../../src/chain/tx/signing-key.ts';
import type { DossierSource, WantedOfLedger } from '../../src/client/dossier/source.ts';
import {
  verificationKeyToJson,
  type VerificationKey,
} from '../../src/privacy/zk/verifier/verification-key.ts';
import { verifyProof } from '../../src/privacy/zk/verifier/verify.ts';

/** The same key for the same name, in every run. */
export const keyOf = (name: string): SigningKey =>
  signingKeyFromSeed(sha256(utf8(`dossier-test/${name}`)));

/** The same 32 bytes for the same purpose, in every run. */
export const saltOf = (purpose: string): Uint8Array => sha256(utf8(`dossier-test/salt/${purpose}`));

export type Step = readonly [operation: string, command: Record<string, unknown>];

export class World implements DossierSource {
  readonly machine: Machine;
  readonly key: VerificationKey;
  timeMs: number;
  readonly #log = new MerkleLog();
  readonly #leaves: Uint8Array[] = [];
  readonly #envelopes = new Map<Hex, Uint8Array>();
  #checkpoint: { header: Uint8Array; signature: Uint8Array } | null = null;

  constructor(genesis: Genesis, key: VerificationKey) {
    this.key = key;
    this.timeMs = genesis.timeMs;
    this.machine = new Machine(genesis, {
      ...exchangeParts,
      verifyProof: (_circuit, publics, proof) => verifyProof(key, publics, proof),
    });
    this.machine.initChain();
  }

  /** Every leaf of the log so far. */
  get leaves(): readonly Uint8Array[] {
    return this.#leaves;
  }

  get chainId(): string {
    return this.machine.genesis.chainId;
  }

  sign(key: SigningKey, steps: readonly Step[]): Uint8Array {
    return signEnvelope(this.chainId, key, {
      sequence: this.machine.nextSequence(key.keyId),
      expiryHeight: this.machine.info().height + 100,
      operations: steps.map(([name, command]) => {
        const operation = registry.operationsByName.get(name);
        assert(operation, `${name} is an operation`);
        return { number: operation.number, command: toCbor(operation.command, command) };
      }),
    });
  }

  /** One envelope in one block, a second later; every operation is applied. */
  submit(party: string, ...steps: readonly Step[]): void {
    this.timeMs += 1000;
    const envelope = this.sign(keyOf(party), steps);
    const [result] = this.block([envelope]);
    const outcome = result?.outcome;
    expect(
      outcome?.ok,
      outcome && !outcome.ok ? `${outcome.result.name}: ${outcome.detail}` : '',
    ).to.equal(true);
  }

  /** Lets time pass, with one block at its end. */
  wait(ms: number): void {
    this.timeMs += ms;
    this.block([]);
  }

  block(envelopes: readonly Uint8Array[]) {
    const height = this.machine.info().height + 1;
    const block = this.machine.finalizeBlock({ height, timeMs: this.timeMs, envelopes });
    this.machine.commit();
    for (const { bytes } of block.leaves) {
      this.#log.append(leafHash(bytes));
      this.#leaves.push(bytes);
    }
    for (const { id, bytes } of block.results) this.#envelopes.set(id, bytes);
    const { genesis, genesisHash } = this.machine;
    const header = encodeHeader({
      version: 1,
      chainId: genesis.chainId,
      genesisHash,
      height,
      timeMs: block.timeMs,
      previousHash: this.#checkpoint ? headerHash(this.#checkpoint.header) : genesisHash,
      envelopesRoot: block.envelopesRoot,
      logRoot: block.logRoot,
      logSize: block.logSize,
      stateRoot: block.stateRoot,
      zkRoot: block.zkRoot,
      parametersHash: block.parametersHash,
      appHash: block.appHash,
      signer: genesis.blockSigner,
    });
    const signature = keyOf('block-signer').sign(headerSignatureInput(header));
    this.#checkpoint = { header, signature };
    return block.results;
  }

  get<Schema extends TObject>(kind: RecordKind<Schema>, id: string): Static<Schema> {
    const found = this.machine.readRecord(kind, id);
    assert(found, `${kind.name} ${id} is there`);
    return found;
  }

  genesis(): Promise<Uint8Array> {
    return Promise.resolve(encodeGenesis(this.machine.genesis));
  }

  async eventsOf(kind: string, id: string) {
    return this.#leaves.flatMap((bytes, logIndex) => {
      const leaf = decodeLeaf(bytes);
      const own = leaf.type === 'event' && leaf.kind === kind && leaf.id === id;
      return own ? [{ logIndex, height: leaf.height, envelopeId: leaf.envelopeId }] : [];
    });
  }

  async transaction(id: Hex) {
    const envelope = this.#envelopes.get(id);
    assert(envelope, `envelope ${id} is in a block`);
    const logIndexes = this.#leaves.flatMap((bytes, index) =>
      decodeLeaf(bytes).envelopeId === id ? [index] : [],
    );
    return { envelope, logIndexes };
  }

  async proofs({ logIndexes = [], keys = [], logSize = this.#log.size }: WantedOfLedger) {
    assert(this.#checkpoint && logSize === this.#log.size, 'the newest checkpoint is there');
    const leaves = logIndexes.map((logIndex) => {
      const leaf = this.#leaves[logIndex];
      assert(leaf, `leaf ${logIndex} is there`);
      return { logIndex, leaf, proof: this.#log.inclusionProof(logIndex, logSize) };
    });
    const state = keys.map((key) => ({
      key,
      value: this.machine.readState(key),
      proof: this.machine.proveState(key),
    }));
    const { header, signature } = this.#checkpoint;
    const checkpoint = { header: toBase64url(header), signature: toBase64url(signature) };
    return { checkpoint, header: decodeHeader(header), leaves, state };
  }

  async verificationKey() {
    return verificationKeyToJson(this.key);
  }
}
