import { expect } from 'chai';
import fc from 'fast-check';
import { equalBytes, utf8 } from '../../src/base/bytes.ts';
import { registry } from '../../src/chain/rooms.ts';
import { fromBase64url, toBase64url } from '../../src/dossier/base64url.ts';
import { canonicalJson, parseCanonicalJson } from '../../src/dossier/canonical-json.ts';
import { encodeDossier, parseDossier } from '../../src/dossier/format.ts';
import { recordKinds } from '../../src/dossier/records.ts';
import { eventRules } from '../../src/dossier/rules/events.ts';
import { operationRules } from '../../src/dossier/rules/operations.ts';
import { coldBuildMs } from '../privacy/zk/small-proof.ts';
import { parsed } from './forge.ts';
import { playedDossier } from './sample-dossier.ts';

describe('base64url', () => {
  it('reads back what it wrote, and only that', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = toBase64url(bytes);
        expect(text).to.equal(Buffer.from(bytes).toString('base64url'));
        expect(equalBytes(fromBase64url(text) ?? utf8('no'), bytes)).to.equal(true);
      }),
    );
  });

  for (const text of ['A', 'AB', 'AAB', 'AA==', 'A+', 'A/', ' AA', 'AAA\n']) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(fromBase64url(text)).to.equal(null);
    });
  }
});

describe('canonicalJson', () => {
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
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
        const read = parseCanonicalJson(utf8(text));
        expect(read.ok && canonicalJson(read.value)).to.equal(text);
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
    ['null', '{"a":null}'],
    ['a truth value', '{"a":true}'],
    ['a lone surrogate', '{"a":"\\ud800"}'],
    ['a byte-order mark', '\ufeff{"a":1}'],
    ['no JSON', '{'],
  ] as const;
  for (const [what, text] of refused) {
    it(`refuses ${what}`, () => {
      expect(parseCanonicalJson(utf8(text)).ok).to.equal(false);
    });
  }
});

describe('parseDossier', () => {
  let bytes: Uint8Array;

  before(async function () {
    this.timeout(coldBuildMs);
    ({ bytes } = await playedDossier());
  });

  it('gives back the bytes that it read', () => {
    expect(equalBytes(encodeDossier(parsed(bytes)), bytes)).to.equal(true);
  });

  it('refuses unknown and missing fields, at the top and within', () => {
    const dossier = parsed(bytes);
    const { seal: _seal, ...unsealed } = dossier;
    const shapes = [
      { ...dossier, note: 'x' },
      unsealed,
      { ...dossier, format: 'dxl-dossier/2' },
      { ...dossier, trades: [] },
      { ...dossier, seal: { ...dossier.seal, by: 'x' } },
      { ...dossier, leaves: [{ ...dossier.leaves[0], more: 1 }] },
      [],
      'dossier',
    ];
    for (const shape of shapes) {
      const read = parseDossier(utf8(canonicalJson(shape)));
      expect(read.ok ? 'ok' : read.result.name).to.equal('DOSSIER_FORMAT');
    }
  });
});

describe('the rules that the verifier restates', () => {
  it('name every operation of the exchange with its number, roles and command', () => {
    const facts = (operation: { name: string; roles: readonly string[]; command: unknown }) => ({
      name: operation.name,
      roles: [...operation.roles],
      command: JSON.stringify(operation.command),
    });
    const restated = [...operationRules].map(([number, rule]) => ({ number, ...facts(rule) }));
    const offered = [...registry.operations].map(([number, it]) => ({ number, ...facts(it) }));
    expect(restated).to.have.deep.members(offered);
  });

  it('name every kind of record, and no event of another kind', () => {
    expect([...recordKinds.keys()]).to.have.members([...registry.records.keys()]);
    for (const { kind, by } of eventRules.values()) {
      expect(recordKinds.has(kind), kind).to.equal(true);
      for (const cause of by) {
        expect(typeof cause === 'string' || operationRules.has(cause)).to.equal(true);
      }
    }
  });
});
