import { expect } from 'chai';
import { OperationalError } from '../../src/base/operational-error.ts';
import {
  admissionCommand,
  readAdmissionRequest,
  writeAdmissionRequest,
  type OrganisationFacts,
} from '../../src/client/admission.ts';
import { partyFromSeeds, randomSeed } from '../../src/client/party.ts';

const party = partyFromSeeds(null, { signing: randomSeed(), sealing: randomSeed() });
const chainId = 'dxl-test';
const facts: OrganisationFacts = {
  organisationId: 'skylark',
  name: '云雀',
  creditCode: '91310000MA1FL0000N',
  jurisdiction: 'CN',
  beneficialOwner: null,
  roles: ['ADMIN', 'SELLER'],
};
const command = admissionCommand(party, chainId, facts);
const written = () =>
  JSON.parse(writeAdmissionRequest({ chainId, command })) as Record<string, object>;

describe('admission request', () => {
  const refusal = (json: unknown, chain = chainId): string => {
    try {
      readAdmissionRequest(json, chain);
      return 'none';
    } catch (error) {
      if (error instanceof OperationalError) return error.code;
      throw error;
    }
  };

  it('is read as it was written', () => {
    expect(readAdmissionRequest(written(), chainId).command).to.deep.equal(command);
  });

  it('is refused for another chain', () => {
    expect(refusal(written(), 'dxl-other')).to.equal('ADMISSION_OTHER_CHAIN');
    expect(refusal({ ...written(), chainId: 'dxl-other' }, 'dxl-other')).to.equal(
      'ADMISSION_INVALID',
    );
  });

  it('is refused where its key or organisation was exchanged, or a field does not fit', () => {
    const other = partyFromSeeds(null, { signing: randomSeed(), sealing: randomSeed() });
    for (const change of [
      { organisationId: 'magpie' },
      { publicKey: other.signingKey.publicKey },
      { possession: '00'.repeat(64) },
      { roles: ['KING'] },
      { extra: 1 },
    ]) {
      const json = { ...written(), command: { ...written()['command'], ...change } };
      expect(refusal(json), Object.keys(change)[0]).to.equal('ADMISSION_INVALID');
    }
    for (const json of [null, [], {}, { format: 'dxl-admission/2' }]) {
      expect(refusal(json)).to.equal('ADMISSION_INVALID');
    }
  });

  const faults: readonly (readonly [string, object | null, string])[] = [
    ['format', { format: 'dxl-admission/2' }, '"dxl-admission/2" is not the format of admission'],
    ['format', { format: undefined }, 'missing field; it takes the format of admission requests'],
    ['chainId', { chainId: 'Über' }, 'is not 3 to 64 lower-case letters, digits and dashes'],
    ['chainId', { chainId: undefined }, 'missing field; it takes 3 to 64 lower-case letters'],
    ['command', { command: 7 }, '7 is not an object'],
    ['comand', { comand: {} }, 'unknown field; did you mean command?'],
    ['command/name', { command: { ...command, name: 3 } }, '3 is not'],
  ];
  for (const [place, change, words] of faults) {
    it(`names ${place} where it is wrong: ${words}`, () => {
      const json = JSON.parse(JSON.stringify({ ...written(), ...change })) as unknown;
      expect(() => readAdmissionRequest(json, chainId))
        .to.throw(OperationalError, `at /${place}: `)
        .with.property('message')
        .that.includes(words)
        .and.includes('dxl key request');
    });
  }
});
