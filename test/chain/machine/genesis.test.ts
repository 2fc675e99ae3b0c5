import { expect } from 'chai';
import { toJson } from '../../../src/base/codec.ts';
import {
  decodeGenesis,
  encodeGenesis,
  genesisFromJson,
  genesisHash,
  genesisSchema,
  parametersHash,
} from '../../../src/chain/machine/genesis.ts';
import { testGenesis } from '../test-chain.ts';

describe('chain/machine: genesis (M-01 to M-05)', () => {
  it('comes back from JSON and from bytes as it was', () => {
    const genesis = testGenesis();
    expect(genesisFromJson(toJson(genesisSchema, genesis))).to.deep.equal(genesis);
    expect(decodeGenesis(encodeGenesis(genesis))).to.deep.equal(genesis);
    expect(genesisHash(decodeGenesis(encodeGenesis(genesis)))).to.equal(genesisHash(genesis));
  });

  it('is refused where an envelope may be larger than a block, which could never hold it', () => {
    const { parameters } = testGenesis();
    const withEnvelope = (envelopeBytesMax: number) =>
      testGenesis({ parameters: { ...parameters, envelopeBytesMax } });
    const largest = withEnvelope(parameters.blockBytesMax);
    expect(genesisFromJson(toJson(genesisSchema, largest))).to.deep.equal(largest);
    const larger = withEnvelope(parameters.blockBytesMax + 1);
    const path = '/parameters/blockBytesMax';
    expect(() => genesisFromJson(toJson(genesisSchema, larger))).to.throw(path);
    expect(() => decodeGenesis(encodeGenesis(larger))).to.throw(path);
  });

  it('is refused where one limit lets through what the next has no room for', () => {
    const { parameters } = testGenesis();
    const rows = [
      ['envelopeExcessMax', 3 * parameters.envelopeBytesMax],
      ['organisationExcessMax', parameters.envelopeExcessMax],
      ['blockExcessMax', parameters.organisationExcessMax],
      ['blockProofsMax', parameters.envelopeProofsMax],
    ] as const;
    for (const [name, least] of rows) {
      const withLimit = (limit: number) => {
        const within = { blockProofsMax: parameters.envelopeProofsMax, [name]: limit };
        return toJson(genesisSchema, testGenesis({ parameters: { ...parameters, ...within } }));
      };
      expect(() => genesisFromJson(withLimit(least - 1)), name).to.throw(`/parameters/${name}`);
      genesisFromJson(withLimit(least));
    }
  });

  it('binds every consensus parameter by the parameters hash', () => {
    const genesis = testGenesis();
    const hashes = Object.entries(genesis.parameters).map(([name, value]) =>
      parametersHash({ ...genesis, parameters: { ...genesis.parameters, [name]: value + 1 } }),
    );
    const count = Object.keys(genesis.parameters).length;
    expect(new Set([parametersHash(genesis), ...hashes]).size).to.equal(count + 1);
  });

  it('knows no other field and misses none', () => {
    const json = toJson(genesisSchema, testGenesis()) as Record<string, unknown>;
    expect(() => genesisFromJson({ ...json, extra: 1 })).to.throw('/extra');
    const { chainId: _chainId, ...rest } = json;
    expect(() => genesisFromJson(rest)).to.throw('/chainId');
  });
});
