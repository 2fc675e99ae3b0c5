/**
 * The intermediate digests that docs/ state, calculated anew from docs/examples with SHA-256 and a
 * reader of CBOR alone: none of the verifier's own code, so that page, files and verifier agree.
 */
import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { decodeCbor, encodeCbor, type CborValue } from '../../src/base/cbor.ts';
import { canonicalVote, cometHeaderHash, cometSetHash } from './comet-by-hand.ts';

const docs = new URL('../../docs/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, docs), 'utf8');

const sha256 = (...parts: (Uint8Array | string)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const tagged = (tag: string, ...parts: Uint8Array[]): Buffer =>
  sha256(Uint8Array.of(tag.length), tag, ...parts);
const uint64 = (value: CborValue | undefined): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value as bigint);
  return bytes;
};

interface ProofJson {
  readonly genesis: string;
  readonly checkpoint: {
    readonly header: string;
    readonly lightBlocks: readonly string[];
    readonly handOver: readonly { readonly statement: string }[];
  };
  readonly leaves: readonly {
    readonly logIndex: number;
    readonly leaf: string;
    readonly hashes: readonly string[];
  }[];
  readonly state: readonly { readonly key: string; readonly proof: string }[];
}

const proofFile = (name: string): ProofJson =>
  JSON.parse(read(`examples/${name}.proof.json`)) as ProofJson;
const bytesOf = (text: string): Buffer => Buffer.from(text, 'base64url');
const arrayOf = (bytes: Uint8Array): readonly CborValue[] =>
  decodeCbor(bytes) as readonly CborValue[];

type Line = readonly [label: string, value: Buffer];
const textOf = (lines: readonly Line[]): string => {
  const width = Math.max(...lines.map(([label]) => label.length)) + 2;
  return lines.map(([label, value]) => label.padEnd(width) + value.toString('hex')).join('\n');
};

/** The first fenced block below the page's heading. */
const stated = (page: string): string | undefined =>
  /^### A worked example$[^]*?^```text\n([^]*?)\n```$/m.exec(read(page))?.[1];

/** RFC 9162, 2.1.3.2, each node on the way named by the side that the proof's hash is on. */
function walk(start: Buffer, index: number, size: number, hashes: readonly string[]): Line[] {
  let [node, at, last] = [start, index, size - 1];
  return hashes.map((text, step) => {
    const hash = Buffer.from(text, 'hex');
    const isLeft = at % 2 === 1 || at === last;
    node = isLeft ? sha256('\x01', hash, node) : sha256('\x01', node, hash);
    while (isLeft && at % 2 === 0 && at !== 0) [at, last] = [at >> 1, last >> 1];
    [at, last] = [at >> 1, last >> 1];
    return [`after hash ${step} (${isLeft ? 'left' : 'right'})`, node];
  });
}

function headerLines(): Line[] {
  const { genesis, checkpoint, leaves } = proofFile('whole');
  const document = arrayOf(bytesOf(genesis));
  const header = bytesOf(checkpoint.header);
  const fields = arrayOf(header);
  const bound = [4, 8, 7, 3, 5].map((at) => document[at] ?? null);
  const input = Buffer.concat([
    uint64(fields[3]),
    fields[7] as Uint8Array,
    uint64(fields[8]),
    ...[9, 10, 11].map((at) => fields[at] as Uint8Array),
  ]);
  const { logIndex, leaf, hashes } = leaves[1]!;
  const hash = sha256('\x00', bytesOf(leaf));
  return [
    ['genesisHash', tagged('dxl/genesis/1', bytesOf(genesis))],
    ['parametersHash', tagged('dxl/parameters/1', encodeCbor(bound))],
    ['signed: header hash', tagged('dxl/header/1', header)],
    ['height', input.subarray(0, 8)],
    ['logRoot', input.subarray(8, 40)],
    ['logSize', input.subarray(40, 48)],
    ['stateRoot', input.subarray(48, 80)],
    ['zkRoot', input.subarray(80, 112)],
    ['appHash', tagged('dxl/app-hash/2', input)],
    ['leaf 100', hash],
    ...walk(hash, logIndex, Number(fields[8]), hashes),
  ];
}

function stateLines(): Line[] {
  const { key, proof } = proofFile('whole').state[1]!;
  const bytes = bytesOf(proof);
  const depth = bytes.readUInt16BE(1);
  const from = 3 + Math.ceil(depth / 8);
  const path = sha256(key);
  const [otherPath, otherValue] = [bytes.subarray(-64, -32), bytes.subarray(-32)];
  const mark = 'dxl/state-leaf/1 a leaf, not two';
  let node = sha256(sha256(otherPath, otherValue), mark);
  const lines: Line[] = [
    ['path of the key', path],
    ['path of the other', otherPath],
    ['its valueHash', otherValue],
    [`at depth ${depth}`, node],
  ];
  for (let at = depth - 1; at >= 0; at -= 1) {
    const sibling = bytes.subarray(from + 32 * at, from + 32 * at + 32);
    const turn = (path[at >> 3]! >> (7 - (at % 8))) & 1;
    node = turn === 0 ? sha256(node, sibling) : sha256(sibling, node);
    lines.push([at === 0 ? 'top' : `at depth ${at}`, node]);
  }
  return [...lines, ['stateRoot', tagged('dxl/state-root/1', node)]];
}

function voteLines(): Line[] {
  const { lightBlocks, handOver } = proofFile('network').checkpoint;
  const [header, commit, validators] = arrayOf(bytesOf(lightBlocks[0]!)) as readonly [
    readonly CborValue[],
    readonly CborValue[],
    readonly (readonly CborValue[])[],
  ];
  const vote = (commit[3] as readonly (readonly CborValue[])[])[1]!;
  return [
    ['header hash', cometHeaderHash(header)],
    ['set hash', cometSetHash(validators)],
    ['address of validator 1', sha256(validators[1]![0] as Uint8Array).subarray(0, 20)],
    ['signed by validator 1', canonicalVote(header[2] as string, commit, vote)],
    ['signed hand-over', tagged('dxl/hand-over/1', bytesOf(handOver[0]!.statement))],
  ];
}

describe('docs: worked examples', () => {
  const pages: readonly [page: string, lines: () => Line[]][] = [
    ['proofs.md', headerLines],
    ['state-proofs.md', stateLines],
    ['dossier.md', voteLines],
  ];
  for (const [page, lines] of pages) {
    it(`${page} states what docs/examples give`, () => {
      expect(stated(page)).to.equal(textOf(lines()));
    });
  }

  it('end in the roots and hashes of the files', () => {
    const fields = arrayOf(bytesOf(proofFile('whole').checkpoint.header));
    const hex = (at: number) => Buffer.from(fields[at] as Uint8Array).toString('hex');
    const header = new Map(headerLines().map(([label, value]) => [label, value.toString('hex')]));
    expect(header.get('genesisHash')).to.equal(hex(2));
    expect(header.get('parametersHash')).to.equal(hex(11));
    expect(header.get('appHash')).to.equal(hex(12));
    expect(headerLines().at(-1)?.[1].toString('hex')).to.equal(hex(7));
    expect(stateLines().at(-1)?.[1].toString('hex')).to.equal(hex(9));
  });
});
