import { expect } from 'chai';
import { CometProgress } from '../../../src/chain/engine/comet-progress.ts';

/** @param arrays prevotes, and precommits where there are any */
const state = (...arrays: (string | readonly [string, string])[]) => ({
  round_state: {
    'height/round/step': '34/1/4',
    height_vote_set: arrays.map((votes, round) => {
      const none = 'BA{4:____} 0/40 = 0.00';
      const [prevotes, precommits] = typeof votes === 'string' ? [votes, none] : votes;
      return { round, prevotes_bit_array: prevotes, precommits_bit_array: precommits };
    }),
  },
});

describe('the progress of a network', () => {
  let clockMs: number;
  let catchingUp: boolean;
  const progressBeside = (answer: () => unknown): CometProgress => {
    clockMs = 1_000;
    catchingUp = false;
    const status = { sync_info: { catching_up: true } };
    const call = async <Result>(method: string) => {
      const told = answer();
      status.sync_info.catching_up = catchingUp;
      return (method === 'status' ? status : told) as Result;
    };
    return new CometProgress({
      ...{ rpc: { call }, silenceMsMax: 10_000, unheardMsMax: 5_000 },
      steadyMs: () => clockMs,
    });
  };
  const three = 'BA{4:xxx_} 30/40 = 0.75';
  const heard = () => state([three, three], 'BA{4:____} 0/40 = 0.00');
  const silent = () => state('BA{4:xx__} 20/40 = 0.50');

  it('is not there before the first block since the start', async () => {
    const progress = progressBeside(silent);
    expect(await progress.findTrouble()).to.match(
      /^No block was decided since this node started, 0 s ago\./,
    );
    progress.advance();
    expect(await progress.findTrouble()).to.equal(null);
  });

  /** That a block was decided beside. */
  async function begun(answer: () => unknown): Promise<CometProgress> {
    const progress = progressBeside(answer);
    await progress.findTrouble();
    progress.advance();
    expect(await progress.findTrouble()).to.equal(null);
    return progress;
  }

  it('is not begun by blocks that CometBFT replays before it answers, or has from others', async () => {
    let answers = false;
    const progress = progressBeside(() => {
      if (!answers) throw new Error('connection refused');
      return heard();
    });
    progress.advance();
    expect(await progress.findTrouble()).to.match(/^No block was decided since this node started/);
    [answers, catchingUp] = [true, true];
    progress.advance();
    expect(await progress.findTrouble()).to.match(/^No block was decided since this node started/);
    progress.advance();
    expect(await progress.findTrouble()).to.match(/^No block was decided since this node started/);
    catchingUp = false;
    expect(await progress.findTrouble()).to.match(/^No block was decided since this node started/);
    progress.advance();
    expect(await progress.findTrouble()).to.equal(null);
  });

  it('ends after the longer time without a block, where enough of the others are heard', async () => {
    const progress = await begun(heard);
    clockMs += 10_000;
    expect(await progress.findTrouble()).to.equal(null);
    clockMs += 1;
    expect(await progress.findTrouble()).to.match(
      /^No block was decided for 10 s\. .* 30 of 40 votes/,
    );
  });

  it('tells of who would commit, where the others fell silent after they had agreed to', async () => {
    const progress = await begun(() => state([three, 'BA{4:xx__} 20/40 = 0.50']));
    clockMs += 10_001;
    expect(await progress.findTrouble()).to.match(/validators with 20 of 40 votes/);
  });

  it('lacks nobody in a vote that has just begun, after one that had enough', async () => {
    const progress = await begun(() => state([three, three], 'BA{4:x___} 10/40 = 0.25'));
    clockMs += 10_000;
    expect(await progress.findTrouble()).to.equal(null);
  });

  it('does not end before the longer time where nobody knows what is heard', async () => {
    let answers = true;
    const progress = await begun(() => {
      if (!answers) throw new Error('connection refused');
      return heard();
    });
    answers = false;
    clockMs += 10_000;
    expect(await progress.findTrouble()).to.equal(null);
    clockMs += 1;
    expect(await progress.findTrouble()).to.match(/connection refused$/);
  });

  it('ends after the stated time without a block, with what is heard of the others', async () => {
    const progress = await begun(silent);
    clockMs += 5_000;
    expect(await progress.findTrouble()).to.equal(null);
    clockMs += 1;
    expect(await progress.findTrouble()).to.equal(
      'No block was decided for 5 s. In round 1 of height 34, validators with 20 of 40 votes are ' +
        'heard; more than two thirds are needed. Start the nodes of the others, or mend the links ' +
        'to them.',
    );
    progress.advance();
    expect(await progress.findTrouble()).to.equal(null);
  });

  it('says so also where CometBFT does not answer, or otherwise than it should', async () => {
    for (const answer of [
      () => {
        throw new Error('connection refused');
      },
      () => ({}),
      () => state('of no form'),
    ]) {
      const progress = progressBeside(answer);
      expect(await progress.findTrouble()).to.match(/^No block was decided since/);
    }
  });
});
