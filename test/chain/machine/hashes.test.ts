import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { encodeCbor } from '../../../src/base/cbor.ts';
import {
  appHash,
  decodeHeader,
  encodeHeader,
  headerHash,
  headerSignatureInput,
  type Header,
} from '../../../src/chain/machine/header.ts';
import { decodeLeaf, encodeLeaf, type Leaf } from '../../../src/chain/machine/leaf.ts';
import { toHex, utf8 } from '../../../src/base/bytes.ts';

/** SHA-256 by another library over bytes written out by hand. */
const sha256Of = (...parts: (string | Buffer)[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(typeof part === 'string' ? Buffer.from(part, 'hex') : part);
  return hash.digest('hex');
};
const tag = (name: string): Buffer =>
  Buffer.concat([Buffer.from([name.length]), Buffer.from(name, 'ascii')]);

const header: Header = {
  version: 1,
  chainId: 'dxl-golden',
  genesisHash: '01'.repeat(32),
  height: 7,
  timeMs: 1_772_416_800_000,
  previousHash: '02'.repeat(32),
  envelopesRoot: '03'.repeat(32),
  logRoot: '04'.repeat(32),
  logSize: 258,
  stateRoot: '05'.repeat(32),
  zkRoot: '09'.repeat(32),
  parametersHash: '06'.repeat(32),
  appHash: '07'.repeat(32),
  signer: '08'.repeat(32),
};

const headerHex =
  `8e016a${toHex(utf8('dxl-golden'))}5820${'01'.repeat(32)}07` +
  `1b${header.timeMs.toString(16).padStart(16, '0')}` +
  `5820${'02'.repeat(32)}5820${'03'.repeat(32)}5820${'04'.repeat(32)}190102` +
  `5820${'05'.repeat(32)}5820${'09'.repeat(32)}5820${'06'.repeat(32)}5820${'07'.repeat(32)}5820${'08'.repeat(32)}`;

/** By Python's hashlib from the bytes of the test below. */
const goldenAppHash = '3be1d33c1db961c0cc7100bec0dfff227c282e40ea5b5592a7af29ec2bccd17f';

describe('chain/machine: hashes and layouts, for ever (M-70 to M-76)', () => {
  it('app hash is SHA-256 of tag, height, log root, log size, state root, zk root, parameters', () => {
    const expected = sha256Of(
      tag('dxl/app-hash/2'),
      '0000000000000007',
      '04'.repeat(32),
      '0000000000000102',
      '05'.repeat(32),
      '09'.repeat(32),
      '06'.repeat(32),
    );
    expect(appHash(header)).to.equal(expected);
    expect(expected).to.equal(goldenAppHash);
  });

  it('every part of the app hash counts', () => {
    const other = '0f'.repeat(32);
    const changed = [
      { ...header, height: 8 },
      { ...header, logRoot: other },
      { ...header, logSize: 259 },
      { ...header, stateRoot: other },
      { ...header, zkRoot: other },
      { ...header, parametersHash: other },
    ].map(appHash);
    expect(new Set([...changed, appHash(header)]).size).to.equal(7);
  });

  it('a header is an array of 14, its hash tagged, and that hash is what is signed', () => {
    const bytes = encodeHeader(header);
    expect(toHex(bytes)).to.equal(headerHex);
    expect(headerHash(bytes)).to.equal(sha256Of(tag('dxl/header/1'), headerHex));
    expect(toHex(headerSignatureInput(bytes))).to.equal(headerHash(bytes));
    expect(decodeHeader(bytes)).to.deep.equal(header);
    expect(() => decodeHeader(bytes.subarray(1))).to.throw();
    expect(() => decodeHeader(encodeCbor([1n]))).to.throw('1 fields where 14 belong');
  });

  const receipt: Leaf = {
    type: 'receipt',
    height: 7,
    position: 0,
    envelopeId: 'aa'.repeat(32),
    keyId: 'bb'.repeat(32),
    resultCode: 990,
    failedOperation: 1,
  };
  const event: Leaf = {
    type: 'event',
    height: 7,
    timeMs: 1_000,
    envelopeId: null,
    operation: null,
    stream: 'material',
    name: 'probe.noted',
    kind: 'probe',
    id: 'probe-1',
    record: ['probe-1', null, 1n],
  };

  it('a receipt leaf is [0, height, position, envelope, key, code, failed operation]', () => {
    const hex = `870007005820${'aa'.repeat(32)}5820${'bb'.repeat(32)}1903de01`;
    expect(toHex(encodeLeaf(receipt))).to.equal(hex);
    expect(decodeLeaf(encodeLeaf(receipt))).to.deep.equal(receipt);
    const whole: Leaf = { ...receipt, resultCode: 0, failedOperation: null };
    expect(toHex(encodeLeaf(whole))).to.equal(`${hex.slice(0, -8)}00f6`);
    expect(decodeLeaf(encodeLeaf(whole))).to.deep.equal(whole);
  });

  it('an event leaf is [1, height, time, envelope, operation, stream, name, kind, id, record]', () => {
    const words = (text: string) => `${(0x60 + text.length).toString(16)}${toHex(utf8(text))}`;
    const hex =
      `8a01071903e8f6f6${words('material')}${words('probe.noted')}${words('probe')}` +
      `${words('probe-1')}83${words('probe-1')}f601`;
    expect(toHex(encodeLeaf(event))).to.equal(hex);
    expect(decodeLeaf(encodeLeaf(event))).to.deep.equal(event);
    const caused: Leaf = { ...event, envelopeId: 'aa'.repeat(32), operation: 3 };
    expect(decodeLeaf(encodeLeaf(caused))).to.deep.equal(caused);
  });

  it('refuses leaves of another layout', () => {
    for (const value of [[0n], [2n, 7n], [1n, 7n], [0n, 7n, 0n, null, null, 0n, null]]) {
      expect(() => decodeLeaf(encodeCbor(value)), JSON.stringify(value.length)).to.throw();
    }
    expect(() => decodeLeaf(Uint8Array.of(0xa0))).to.throw();
  });
});
