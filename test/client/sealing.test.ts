import { expect } from 'chai';
import fc from 'fast-check';
import { OperationalError } from '../../src/base/operational-error.ts';
import { partyFromSeeds, randomSeed } from '../../src/client/party.ts';
import { openSealed, sealTo } from '../../src/client/sealing.ts';

const party = () => partyFromSeeds('org-one', { signing: randomSeed(), sealing: randomSeed() });

describe('sealed box', () => {
  it('opens for its reader whatever it holds', () => {
    const reader = party();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (content) => {
        expect(openSealed(reader, sealTo(reader.encryptionKey, content))).to.deep.equal(
          new Uint8Array(content),
        );
      }),
    );
  });

  it('opens for nobody else, nor altered, nor cut short', () => {
    const reader = party();
    const sealed = sealTo(reader.encryptionKey, Uint8Array.of(1, 2, 3));
    const refusals = [
      () => openSealed(party(), sealed),
      () => openSealed(reader, sealed.subarray(0, -1)),
      () => openSealed(reader, new Uint8Array(3)),
      ...[...sealed.keys()].map((index) => () => {
        const changed = Uint8Array.from(sealed);
        changed[index] = (changed[index] ?? 0) ^ 4;
        openSealed(reader, changed);
      }),
    ];
    for (const refusal of refusals) expect(refusal).to.throw(OperationalError, 'not sealed to');
  });
});
