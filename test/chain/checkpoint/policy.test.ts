import { expect } from 'chai';
import { utf8 } from '../../../src/base/bytes.ts';
import { parseCheckpoint } from '../../../src/chain/checkpoint/body.ts';
import {
  cosign,
  verifyCosignature,
  witnessKeyOf,
} from '../../../src/chain/checkpoint/cosignature.ts';
import {
  blockOf,
  checkpointKeyClaim,
  originOf,
} from '../../../src/chain/checkpoint/ledger-note.ts';
import { isSignedByLog, logKeyOf } from '../../../src/chain/checkpoint/log-signature.ts';
import {
  formatVerifierKey,
  parseNote,
  parseVerifierKey,
} from '../../../src/chain/checkpoint/note.ts';
import {
  cosignersOf,
  isFulfilled,
  leastWitnesses,
  parsePolicy,
} from '../../../src/chain/checkpoint/policy.ts';
import { verifyEd25519 } from '../../../src/chain/tx/signature.ts';
import { keyOf } from '../test-chain.ts';
import { goVectors } from './vectors.ts';

const vkey = (name: string): string =>
  formatVerifierKey(witnessKeyOf(`witness.example/${name}`, keyOf(name)));
const logVkey = formatVerifierKey(logKeyOf('example.com/log', keyOf('log')));
const witness = (name: string, url = ''): string => `witness ${name} ${vkey(name)} ${url}\n`;

/** The example of c2sp.org/tlog-policy. */
const example =
  `# two organisations\nlog ${logVkey}\n\n` +
  ['X1', 'X2', 'X3'].map((name) => witness(name)).join('') +
  'group X-witnesses 2 X1 X2 X3\n' +
  ['Y1', 'Y2', 'Y3'].map((name) => witness(name)).join('') +
  '\tgroup  Y-witnesses any Y1 Y2 Y3\ngroup X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n';

function read(text: string) {
  const policy = parsePolicy(text);
  if ('problem' in policy) throw new Error(`${policy.line}: ${policy.problem}`);
  return policy;
}

describe('policies of witnesses', () => {
  const { quorum, witnesses, logs } = read(example);
  const rows: readonly [cosigned: string, fulfilled: boolean][] = [
    ['', false],
    ['X1 X2', false],
    ['Y1 Y2 Y3', false],
    ['X1 Y1', false],
    ['X1 X3 Y2', true],
    ['X1 X2 X3 Y1 Y2 Y3', true],
    ['X1 X1 Y1', false],
  ];
  for (const [cosigned, fulfilled] of rows) {
    it(`of the specification’s example: ${cosigned || 'nobody'} is ${fulfilled ? '' : 'not '}enough`, () => {
      expect(isFulfilled(quorum, new Set(cosigned.split(' ')))).to.equal(fulfilled);
    });
  }

  it('know how few witnesses are enough', () => {
    expect([witnesses.length, logs.length, leastWitnesses(quorum)]).to.deep.equal([6, 1, 3]);
    expect(leastWitnesses(read('quorum none').quorum)).to.equal(0);
    expect(leastWitnesses(read(`${witness('a')}quorum a`).quorum)).to.equal(1);
    expect(isFulfilled(read('quorum none').quorum, new Set())).to.equal(true);
  });

  it('keep an address without its last slash', () => {
    const [one] = read(`${witness('a', 'https://w.example/sub/')}quorum a`).witnesses;
    expect(one?.url).to.equal('https://w.example/sub');
  });

  const faults: readonly [what: string, text: string, line: number][] = [
    ['no quorum', witness('a'), 2],
    ['two quorums', `quorum none\nquorum none`, 2],
    ['a quorum of nobody known', 'quorum a', 1],
    ['an unknown keyword', 'witnesses a', 1],
    ['a witness twice', `${witness('a')}${witness('a')}quorum a`, 2],
    ['one key under two names', `${witness('a')}witness b ${vkey('a')}\nquorum a`, 2],
    ['a log’s key as a witness’s', `witness a ${logVkey}\nquorum a`, 1],
    ['a witness’s key as a log’s', `log ${vkey('a')}\nquorum none`, 1],
    [
      'one public key as log and witness',
      `log ${formatVerifierKey(logKeyOf('l', keyOf('a')))}\n${witness('a')}quorum a`,
      2,
    ],
    ['a witness called none', `witness none ${vkey('a')}\nquorum none`, 1],
    ['a group above its size', `${witness('a')}group g 2 a\nquorum g`, 2],
    ['a group of zero', `${witness('a')}group g 0 a\nquorum g`, 2],
    ['a group of nobody', 'group g any\nquorum g', 1],
    ['a member in two groups', `${witness('a')}group g any a\ngroup h any a\nquorum g`, 3],
    ['a member twice', `${witness('a')}group g 2 a a\nquorum g`, 2],
    ['a group before its member', `group g any a\n${witness('a')}quorum g`, 1],
    ['an address that is none', `${witness('a', 'ftp://x')}quorum a`, 1],
    ['a control character', 'quorum none\r', 1],
  ];
  for (const [what, text, line] of faults) {
    it(`refuse ${what}, and name the line`, () => {
      expect(parsePolicy(text)).to.include({ line }).and.have.property('problem');
    });
  }
});

describe('cosignatures', () => {
  const { log, witnesses, signed } = goVectors.cosigned;
  const note = parseNote(utf8(signed));
  const keys = witnesses.map(parseVerifierKey);

  it('of Go’s formats package verify, and its log signature too', () => {
    if (!note) throw new Error('the vector is a note');
    const key = parseVerifierKey(log);
    expect(key && isSignedByLog(note, key, verifyEd25519)).to.equal(true);
    const policy = read(
      `witness a ${witnesses[0]}\nwitness b ${witnesses[1]}\ngroup g 2 a b\nquorum g`,
    );
    const found = cosignersOf(note, policy, { nowS: 2 ** 40, aheadMaxS: 0 }, verifyEd25519);
    expect([...found.timestampS.keys()]).to.deep.equal(['a', 'b']);
    expect(found.faulty).to.deep.equal([]);
    const body = parseCheckpoint(note.text);
    expect(body).to.include({ size: 600 });
    expect(body && blockOf(body)?.height).to.equal(42);
  });

  it('do not verify over another text, of another witness, or with a byte changed', () => {
    const [key] = keys;
    const [, own] = note?.signatures ?? [];
    if (!note || !key || !own) throw new Error('the vector has a witness');
    const verified = (text: string, bytes = own.bytes) =>
      verifyCosignature(text, { ...own, bytes }, key, verifyEd25519);
    expect(verified(note.text)).to.be.a('number');
    expect(verified(`${note.text}more\n`)).to.equal(null);
    for (let at = 0; at < own.bytes.length; at += 1) {
      const changed = own.bytes.map((byte, place) => (place === at ? byte ^ 1 : byte));
      expect(verified(note.text, changed), `byte ${at}`).to.equal(null);
    }
    expect(verified(note.text, own.bytes.slice(1))).to.equal(null);
    const other = keys[1];
    expect(other && verifyCosignature(note.text, own, other, verifyEd25519)).to.equal(null);
  });

  it('are no log’s signature, and a log’s signature is no cosignature', () => {
    const key = keyOf('one key for two purposes');
    const text = 'example.com/log\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n';
    const cosigned = cosign(text, 1_700_000_000, 'example.com/log', key);
    const asLog = logKeyOf('example.com/log', key);
    const disguised = { ...cosigned, keyId: asLog.keyId, bytes: cosigned.bytes.slice(8) };
    const forged = { text, signatures: [disguised] };
    expect(isSignedByLog(forged, asLog, verifyEd25519)).to.equal(false);
  });
});

describe('the log’s name and key', () => {
  it('follow from genesis, and two chains of one name are two logs', () => {
    expect(originOf('my-exchange', 'ab'.repeat(32))).to.equal('dxl/my-exchange/abababababababab');
    expect(originOf('my-exchange', 'cd'.repeat(32))).not.to.equal(
      originOf('my-exchange', 'ab'.repeat(32)),
    );
  });

  it('are claimed by 32 bytes, which are neither a note nor a header’s hash', () => {
    const claim = (origin: string, key: string) => checkpointKeyClaim(origin, 'ab'.repeat(32), key);
    expect(claim('dxl/a/b', '11'.repeat(32))).to.have.length(32);
    expect(claim('dxl/a/b', '11'.repeat(32))).not.to.deep.equal(claim('dxl/a/c', '11'.repeat(32)));
    expect(claim('dxl/a/b', '11'.repeat(32))).not.to.deep.equal(claim('dxl/a/b', '12'.repeat(32)));
  });

  const bodies: readonly string[] = [
    '',
    'origin\n1\n',
    'origin\n01\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n',
    'origin\n-1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n',
    'origin\n9007199254740992\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n',
    'origin\n1\nAAAA\n',
    '\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n',
    'origin\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n',
    'origin\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
  ];
  for (const body of bodies) {
    it(`are read from no text ${JSON.stringify(body)}`, () =>
      expect(parseCheckpoint(body)).to.equal(null));
  }
});
