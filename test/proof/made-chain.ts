/** A chain made by hand: any leaves, any state, signed headers, and proof files of it. */
import { assert } from '../../src/base/assert.ts';
import { toBase64url } from '../../src/base/base64url.ts';
import { fromHex, toHex, utf8 } from '../../src/base/bytes.ts';
import { encodeCbor } from '../../src/base/cbor.ts';
import { toCbor } from '../../src/base/codec.ts';
import { sha256, taggedHashHex } from '../../src/base/hash.ts';
import { leafHash, MerkleLog } from '../../src/base/merkle.ts';
import {
  encodeGenesis,
  genesisKey,
  parametersHash,
  type Genesis,
} from '../../src/chain/machine/genesis.ts';
import {
  appHash,
  encodeHeader,
  headerHash,
  headerSignatureInput,
  type Header,
} from '../../src/chain/machine/header.ts';
import { encodeLeaf, type Leaf } from '../../src/chain/machine/leaf.ts';
import { StateTree } from '../../src/chain/tree/state-tree.ts';
import { signingKeyFromSeed } from '../../src/chain/tx/signature.ts';
import { organisationRecord } from '../../src/identity/state.ts';
import { readSignedHeader, type SignedHeader } from '../../src/proof/checkpoint.ts';
import { encodeProofFile, withChecksum } from '../../src/proof/file.ts';
import { proofFormat, type ProofContent } from '../../src/proof/schema.ts';
import { genesis as apiGenesis } from '../api/exchange.ts';

export const keyOf = (name: string) => signingKeyFromSeed(sha256(utf8(name)));

/** An organisation as the state holds it. */
export const organisation = (id: string, state: 'ACTIVE' | 'SUSPENDED' = 'ACTIVE'): Uint8Array =>
  encodeCbor(
    toCbor(organisationRecord.schema, {
      id,
      state,
      name: `数据公司 ${id}`,
      creditCode: '91110000MA00000001',
      jurisdiction: 'CN',
      beneficialOwner: null,
      encryptionKey: toHex(sha256(utf8(id))),
      roles: ['ADMIN'],
      admittedAtMs: 1_700_000_000_000,
      changedAtMs: 1_700_000_000_000,
    } as never),
  );

export const receiptLeaf = (height: number, position: number): Uint8Array => {
  const leaf: Leaf = {
    type: 'receipt',
    height,
    position,
    envelopeId: toHex(sha256(utf8(`envelope ${height} ${position}`))),
    keyId: toHex(sha256(utf8('key'))),
    resultCode: 0,
    failedOperation: null,
  };
  return encodeLeaf(leaf);
};

export interface Wanted {
  readonly logIndexes?: readonly number[];
  readonly keys?: readonly string[];
  /** Heights. */
  readonly earlier?: readonly number[];
  /** Height of the checkpoint; absent: the newest, and only then with state. */
  readonly height?: number;
}

export class MadeChain {
  readonly genesis: Genesis;
  readonly genesisHash: string;
  readonly #signer: ReturnType<typeof keyOf>;
  readonly #log = new MerkleLog();
  readonly #leaves: Uint8Array[] = [];
  readonly #tree = new StateTree();
  readonly #values = new Map<string, Uint8Array>();
  readonly #signed: SignedHeader[] = [];

  constructor(name = 'dxl-made') {
    this.#signer = keyOf(`signer of ${name}`);
    this.genesis = { ...apiGenesis, chainId: name, blockSigner: this.#signer.publicKey };
    this.genesisHash = taggedHashHex('dxl/genesis/1', encodeGenesis(this.genesis));
    this.#write([[genesisKey, fromHex(this.genesisHash)]]);
  }

  get newest(): SignedHeader {
    return this.at(this.#signed.length);
  }

  at(height: number): SignedHeader {
    const signed = this.#signed[height - 1];
    assert(signed, `block ${height} is made`);
    return signed;
  }

  valueOf(key: string): Uint8Array | null {
    return this.#values.get(key) ?? null;
  }

  /** One block of so many receipt leaves and these writes. */
  block(
    leaves: number,
    writes: readonly (readonly [string, Uint8Array | null])[] = [],
    change: (header: Header) => Header = (header) => header,
  ): SignedHeader {
    const height = this.#signed.length + 1;
    for (let position = 0; position < leaves; position += 1) {
      const leaf = receiptLeaf(height, position);
      this.#leaves.push(leaf);
      this.#log.append(leafHash(leaf));
    }
    this.#write(writes);
    const parts = {
      height,
      logRoot: toHex(this.#log.root()),
      logSize: this.#log.size,
      stateRoot: toHex(this.#tree.root()),
      zkRoot: '00'.repeat(32),
      parametersHash: parametersHash(this.genesis),
    };
    const before = this.#signed.at(-1);
    const header = change({
      version: 1,
      chainId: this.genesis.chainId,
      genesisHash: this.genesisHash,
      timeMs: this.genesis.timeMs + height * 1000,
      previousHash: before ? headerHash(before.headerBytes) : this.genesisHash,
      envelopesRoot: '11'.repeat(32),
      ...parts,
      appHash: appHash(parts),
      signer: this.genesis.blockSigner,
    });
    const headerBytes = encodeHeader(header);
    const signature = this.#signer.sign(headerSignatureInput(headerBytes));
    const signed = readSignedHeader(headerBytes, signature);
    this.#signed.push(signed);
    return signed;
  }

  content({ logIndexes = [], keys = [], earlier = [], height }: Wanted = {}): ProofContent {
    const signed = height === undefined ? this.newest : this.at(height);
    const { logSize } = signed.header;
    const prove = (key: string) => toBase64url(this.#tree.prove(key));
    return {
      format: proofFormat,
      genesis: toBase64url(encodeGenesis(this.genesis)),
      checkpoint: fieldsOf(signed),
      genesisProof: signed === this.newest ? prove(genesisKey) : null,
      leaves: logIndexes.map((logIndex) => ({
        logIndex,
        leaf: toBase64url(this.#leaves[logIndex]!),
        hashes: this.#log.inclusionProof(logIndex, logSize).map(toHex),
      })),
      earlier: earlier.map((at) => ({
        ...fieldsOf(this.at(at)),
        hashes: this.#log.consistencyProof(this.at(at).header.logSize, logSize).map(toHex),
      })),
      state: keys.map((key) => {
        const value = this.valueOf(key);
        return { key, value: value && toBase64url(value), proof: prove(key) };
      }),
    };
  }

  file(wanted: Wanted = {}): Uint8Array {
    return sealed(this.content(wanted));
  }

  #write(writes: readonly (readonly [string, Uint8Array | null])[]): void {
    for (const [key, value] of writes) {
      if (value) this.#values.set(key, value);
      else this.#values.delete(key);
    }
    const changes = new Map(writes);
    this.#tree.stage([...changes].map(([key, value]) => ({ key, value })));
    this.#tree.commit();
  }
}

export const fieldsOf = ({ headerBytes, signature }: SignedHeader) => ({
  header: toBase64url(headerBytes),
  signature: toBase64url(signature),
});

/** As an attacker would, who computes the checksum anew. */
export const sealed = (content: ProofContent): Uint8Array => encodeProofFile(withChecksum(content));
