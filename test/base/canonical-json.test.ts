import { expect } from 'chai';
import fc from 'fast-check';
import { utf8 } from '../../src/base/bytes.ts';
import {
  CanonicalJsonError,
  canonicalJson,
  parseCanonicalJson,
} from '../../src/base/canonical-json.ts';

describe('canonicalJson', () => {
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      fc.constant(null),
      fc.maxSafeNat(),
      fc.string({ unit: 'grapheme' }),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(fc.stringMatching(/^[a-zA-Z]{1,6}$/), tie('tree'), { maxKeys: 4 }),
    ),
  }));

  it('is read back as the same value, from exactly its own bytes', () => {
    fc.assert(
      fc.property(tree, (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(parseCanonicalJson(utf8(text)))).to.equal(text);
      }),
    );
  });

  const refused = [
    ['white space', '{"a": 1}'],
    ['a line feed at the end', '{"a":1}\n'],
    ['another order of names', '{"b":1,"a":1}'],
    ['a name twice', '{"a":1,"a":1}'],
    ['an escape that is not needed', '{"a":"\\u0061"}'],
    ['an escaped solidus', '{"a":"\\/"}'],
    ['an exponent', '{"a":1e2}'],
    ['a negative number', '{"a":-1}'],
    ['minus nought', '{"a":-0}'],
    ['a fraction', '{"a":1.5}'],
    ['a number that is not exact', '{"a":9007199254740993}'],
    ['a truth value', '{"a":true}'],
    ['a lone surrogate', '{"a":"\\ud800"}'],
    ['a byte-order mark', '\ufeff{"a":1}'],
    ['no JSON', '{'],
  ] as const;
  for (const [what, text] of refused) {
    it(`refuses ${what}`, () => {
      expect(() => parseCanonicalJson(utf8(text))).to.throw(CanonicalJsonError);
    });
  }
});
