import { expect } from 'chai';
import fc from 'fast-check';
import { fromBase64, toBase64 } from '../../../src/base/base64.ts';
import { fromHex, utf8 } from '../../../src/base/bytes.ts';
import {
  isSignedByLog,
  logKeyOf,
  signNoteText,
} from '../../../src/chain/checkpoint/log-signature.ts';
import {
  formatNote,
  formatVerifierKey,
  noteBytesMax,
  parseNote,
  parseVerifierKey,
} from '../../../src/chain/checkpoint/note.ts';
import { signingKeyFromSeed, verifyEd25519 } from '../../../src/chain/tx/signature.ts';
import { verifySignature } from '../../../src/proof/signature.ts';
import { keyOf } from '../test-chain.ts';
import { goVectors } from './vectors.ts';

/** Published examples: the key, the note. */
const examples: readonly [source: string, key: string, note: string][] = [
  [
    'c2sp.org/signed-note',
    'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
    'This is an example message.\n\n' +
      '— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n',
  ],
  [
    'golang.org/x/mod/sumdb/note',
    'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    'If you think cryptography is the answer to your problem,\n' +
      "then you don't know what your problem is.\n\n" +
      '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n',
  ],
];

const key = keyOf('a log');
const name = 'dxl/notes/0123456789abcdef';
const pinned = logKeyOf(name, key);
const text = 'dxl/notes/0123456789abcdef\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n';
const signedText = formatNote({ text, signatures: [signNoteText(text, name, key)] });

const verified = (note: string | Uint8Array, vkey = pinned): boolean => {
  const parsed = parseNote(typeof note === 'string' ? utf8(note) : note);
  return parsed !== null && isSignedByLog(parsed, vkey, verifyEd25519);
};

describe('signed notes', () => {
  for (const [source, vkey, note] of examples) {
    it(`reads and verifies the example of ${source}, with either library`, () => {
      const known = parseVerifierKey(vkey);
      const parsed = parseNote(utf8(note));
      expect(known && formatVerifierKey(known)).to.equal(vkey);
      expect(parsed && formatNote(parsed)).to.equal(note);
      expect(parsed && known && isSignedByLog(parsed, known, verifyEd25519)).to.equal(true);
      expect(parsed && known && isSignedByLog(parsed, known, verifySignature)).to.equal(true);
    });
  }

  for (const vector of goVectors.notes) {
    it(`signs ${JSON.stringify(vector.text)} to the bytes of Go’s note package`, () => {
      const signer = signingKeyFromSeed(fromHex(vector.seed));
      const signatures = [signNoteText(vector.text, vector.name, signer)];
      expect(formatNote({ text: vector.text, signatures })).to.equal(vector.signed);
      expect(formatVerifierKey(logKeyOf(vector.name, signer))).to.equal(vector.vkey);
    });
  }

  it('verifies what it signed, and nothing with one bit changed', () => {
    expect(verified(signedText)).to.equal(true);
    const bytes = utf8(signedText);
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(verified(changed), `byte ${at}`).to.equal(false);
    }
  });

  it('ignores signatures of others, and refuses the note where one of the key does not verify', () => {
    const other = signNoteText(text, name, keyOf('another'));
    const own = signNoteText(text, name, key);
    const broken = { ...own, bytes: own.bytes.map((byte, at) => (at === 9 ? byte ^ 1 : byte)) };
    expect(verified(formatNote({ text, signatures: [other, own] }))).to.equal(true);
    expect(verified(formatNote({ text, signatures: [other] }))).to.equal(false);
    expect(verified(formatNote({ text, signatures: [own, broken] }))).to.equal(false);
    expect(verified(signedText, logKeyOf('dxl/other/0123456789abcdef', key))).to.equal(false);
  });

  const line = signedText.split('\n\n')[1] ?? '';
  const malformed: readonly [what: string, note: string][] = [
    ['nothing', ''],
    ['a text without signatures', text],
    ['an empty list of signatures', `${text}\n`],
    ['no line feed at the end', signedText.slice(0, -1)],
    ['a tab', `a\tb\n\n${line}`],
    ['a carriage return', `a\r\n\n${line}`],
    ['a NUL', `a\u0000\n\n${line}`],
    ['a hyphen for the dash', signedText.replace('—', '-')],
    ['a name with a plus', `${text}\n— a+b ${line.split(' ')[2] ?? ''}`],
    ['a name with a space', `${text}\n— a b ${line.split(' ')[2] ?? ''}`],
    ['a name with a no-break space', `${text}\n— a\u00a0b ${line.split(' ')[2] ?? ''}`],
    ['no name', `${text}\n—  ${line.split(' ')[2] ?? ''}`],
    ['too short a signature', `${text}\n— a AAAAAA==\n`],
    ['base 64 with stray bits', `${text}\n— a AAAAAAF=\n`],
    ['base 64 without padding', `${text}\n— a AAAAAAA\n`],
    ['a line behind the signatures', `${signedText}more\n`],
    ['more than a hundred signatures', `${text}\n${line.repeat(101)}`],
    ['more bytes than a note has', `${'a'.repeat(noteBytesMax)}\n\n${line}`],
  ];
  for (const [what, note] of malformed) {
    it(`is none with ${what}`, () => expect(parseNote(utf8(note))).to.equal(null));
  }

  it('is none where its bytes are not UTF-8', () => {
    const bytes = utf8(signedText);
    bytes[0] = 0xff;
    expect(parseNote(bytes)).to.equal(null);
  });

  it('takes any bytes without failing', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.constant(signedText)), (noise) => {
        parseNote(utf8(`${noise}${signedText}`));
        parseNote(utf8(noise));
        parseVerifierKey(noise);
      }),
    );
  });

  const keys: readonly string[] = [
    '',
    'example.com/foo',
    'example.com/foo+530d903a',
    'example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
    'example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
    'example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
    '+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
    'example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
    'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3Q==',
  ];
  for (const vkey of keys) {
    it(`takes no verifier key from ${JSON.stringify(vkey)}`, () => {
      expect(parseVerifierKey(vkey)).to.equal(null);
    });
  }
});

describe('base 64', () => {
  it('is Buffer’s', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const encoded = toBase64(bytes);
        expect(encoded).to.equal(Buffer.from(bytes).toString('base64'));
        expect(fromBase64(encoded)).to.deep.equal(bytes);
      }),
    );
  });

  for (const wrong of [
    'A',
    'AA',
    'AAA',
    'AA=',
    'AB==',
    'AAB=',
    'A===',
    '=AAA',
    'AA==AAAA',
    'A A=',
  ]) {
    it(`takes nothing from ${wrong}`, () => expect(fromBase64(wrong)).to.equal(null));
  }
});
