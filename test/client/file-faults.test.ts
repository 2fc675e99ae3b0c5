/** Files that people hand in: what is wrong is told with the field, the form of its value and an example. */
import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readAdmissionRequest } from '../../src/client/admission.ts';
import { readOpenings } from '../../src/client/dossier/openings.ts';
import { toJson } from '../../src/base/codec.ts';
import { genesisSchema } from '../../src/chain/machine/genesis.ts';
import { readGenesis } from '../../src/node/make-genesis.ts';
import { genesis } from '../api/exchange.ts';

const wordsOf = async (read: () => unknown): Promise<string> => {
  try {
    await read();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it was taken');
};

describe('faults of files', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dxl-faults-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const sound = toJson(genesisSchema, genesis) as { parameters: object };
  const genesisWith = async (changes: object): Promise<string> => {
    const file = path.join(folder, 'genesis.json');
    await writeFile(file, JSON.stringify({ ...sound, ...changes }));
    return wordsOf(() => readGenesis(file));
  };

  const rows: readonly (readonly [object, RegExp])[] = [
    [{ mode: 'play' }, /\/mode: "play" is not one of .*, for example "/],
    [{ timeMs: '1' }, /\/timeMs: "1" is not .*, for example \d+/],
    [{ surprise: 1 }, /\/surprise: unknown field; known are version, /],
    [{ chainId: undefined }, /\/chainId: missing field; it takes .*, for example "/],
    [
      { parameters: { ...sound.parameters, blockBytesMax: 1_024 } },
      /\/parameters\/blockBytesMax: .*(at least \d+ must be|for example \d+)/,
    ],
  ];
  for (const [changes, words] of rows) {
    it(`of a genesis: ${Object.keys(changes).join()}`, async () => {
      expect(await genesisWith(changes)).to.match(words);
    });
  }

  it('of limits that do not go together say so', async () => {
    const { blockBytesMax } = genesis.parameters;
    const parameters = { ...sound.parameters, envelopeBytesMax: blockBytesMax + 1 };
    expect(await genesisWith({ parameters })).to.match(
      /\/parameters\/blockBytesMax: \d+; envelopeBytesMax is \d+, so at least \d+ must be/,
    );
  });

  it('of an admission request', async () => {
    const request = { format: 'dxl-admission/1', chainId: 'one', command: { roles: ['KING'] } };
    const words = await wordsOf(() => readAdmissionRequest(request, 'one'));
    expect(words).to.match(/at \/command\/[a-zA-Z]+.*: .*(for example|did you mean)/);
  });

  it('of openings', async () => {
    const words = await wordsOf(() => readOpenings({ contents: 'none' }));
    expect(words).to.match(/OPENING|openings cannot be used: \/[a-zA-Z]*: .*for example/);
  });
});
