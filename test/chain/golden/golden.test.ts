/** A kept chain of every operation type gives the hashes that it gave when it was made. */
import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { registry } from '../../../src/chain/rooms.ts';
import { readEnvelope } from '../../simulation/audit/access.ts';
import {
  codesOf,
  encodeGolden,
  encodeLater,
  goldenFile,
  readFirst,
  readGolden,
  readSecond,
  replayGolden,
  secondFile,
  type GoldenChain,
} from '../../simulation/golden.ts';
import { realVerifier } from '../../simulation/real-proof.ts';

const whatToDo = (height: number): string =>
  `The kept chain gives another result at height ${height}. Nodes of before and after this change ` +
  'would part ways there: it is a consensus-breaking change. Where that is not meant, undo it. ' +
  'Where it is, it takes the next machine version (docs/chain.md, M-130): the old rule stays for blocks ' +
  'below it, and the kept chain gets a file of that version after those it has.';

const broken = async (golden: GoldenChain): Promise<number | null> => {
  for (const { expected, found } of replayGolden(golden, await realVerifier())) {
    if (found.appHash !== expected.appHash) return found.height;
  }
  return null;
};

describe('golden chain', function () {
  this.timeout(300_000);
  let golden: GoldenChain;
  before(async () => {
    golden = await readGolden();
  });

  it('re-executes to the same codes and app hashes', async () => {
    for (const { expected, found } of replayGolden(golden, await realVerifier())) {
      expect(codesOf(found), whatToDo(found.height)).to.deep.equal(expected.resultCodes);
      expect(found.appHash, whatToDo(found.height)).to.equal(expected.appHash);
    }
  });

  it('applies every operation of the registry', () => {
    const applied = new Set<number>();
    for (const { envelopes, resultCodes } of golden.blocks) {
      for (const [position, bytes] of envelopes.entries()) {
        if (resultCodes[position] !== 0) continue;
        for (const [number] of readEnvelope(bytes).operations) applied.add(number);
      }
    }
    const missing = [...registry.operations.values()].filter(({ number }) => !applied.has(number));
    expect(
      missing.map(({ name }) => name),
      'a new operation: make the kept chain anew with `npm run sim -- --write-golden`',
    ).to.deep.equal([]);
  });

  it('is kept in the one way of writing it', async () => {
    const first = encodeGolden(await readFirst());
    expect(Buffer.compare(await readFile(goldenFile), first)).to.equal(0);
    const second = encodeLater(await readSecond());
    expect(Buffer.compare(await readFile(secondFile), second)).to.equal(0);
  });

  it('notices one millisecond, one parameter and one dropped envelope', async () => {
    const [first, second, ...rest] = golden.blocks;
    if (!first || !second) throw new Error('the kept chain has blocks');
    const later = { ...second, timeMs: second.timeMs + 1 };
    expect(await broken({ ...golden, blocks: [first, later, ...rest] })).to.equal(2);
    const parameters = { ...golden.genesis.parameters, sequenceWindow: 17 };
    const genesis = { ...golden.genesis, parameters };
    expect(await broken({ ...golden, genesis, blocks: [first] })).to.equal(1);
    const fewer = { ...second, envelopes: second.envelopes.slice(1) };
    expect(await broken({ ...golden, blocks: [first, fewer] })).to.equal(2);
  });
});
