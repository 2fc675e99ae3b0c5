import { expect } from 'chai';
import { equalBytes, utf8 } from '../../src/base/bytes.ts';
import { registry } from '../../src/chain/rooms.ts';
import { canonicalJson } from '../../src/base/canonical-json.ts';
import { encodeDossier, parseDossier } from '../../src/dossier/format.ts';
import { recordKinds } from '../../src/proof/records.ts';
import { eventRules } from '../../src/dossier/rules/events.ts';
import { operationRules } from '../../src/dossier/rules/operations.ts';
import { coldBuildMs } from '../privacy/zk/small-proof.ts';
import { parsed } from './forge.ts';
import { playedDossier } from './sample-dossier.ts';

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
