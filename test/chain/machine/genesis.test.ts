import { expect } from 'chai';
import { toJson } from '../../../src/base/codec.ts';
import {
  decodeGenesis,
  encodeGenesis,
  genesisFromJson,
  genesisHash,
  genesisSchema,
} from '../../../src/chain/machine/genesis.ts';
import { testGenesis } from '../test-chain.ts';

describe('chain/machine: genesis (M-01 to M-04)', () => {
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
    const path = '/parameters/envelopeBytesMax';
    expect(() => genesisFromJson(toJson(genesisSchema, larger))).to.throw(path);
    expect(() => decodeGenesis(encodeGenesis(larger))).to.throw(path);
  });

  it('knows no other field and misses none', () => {
    const json = toJson(genesisSchema, testGenesis()) as Record<string, unknown>;
    expect(() => genesisFromJson({ ...json, extra: 1 })).to.throw('/extra');
    const { chainId: _chainId, ...rest } = json;
    expect(() => genesisFromJson(rest)).to.throw('/chainId');
  });
});
