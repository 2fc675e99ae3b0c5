/**
 * Whether the network beside this node decides blocks. The app hash changes with each block, so
 * CometBFT makes one after another while nobody submits, whatever `create_empty_blocks` says: a network
 * with more than two thirds of its votes is never silent for long, and one without always is.
 */
import type { CometRpc } from './comet-rpc.ts';

export interface CometProgressOptions {
  readonly rpc: Pick<CometRpc, 'call'>;
  readonly silenceMsMax: number;
  /** Milliseconds of a clock that nobody sets. */
  readonly steadyMs?: () => number;
}

interface RoundVotes {
  readonly round: number;
  /** Like `BA{4:xx__} 20/40 = 0.50`. */
  readonly prevotes_bit_array: string;
  readonly precommits_bit_array: string;
}

interface ConsensusState {
  readonly round_state: {
    readonly 'height/round/step': string;
    readonly height_vote_set: readonly RoundVotes[];
  };
}

export class CometProgress {
  readonly #options: CometProgressOptions;
  readonly #steadyMs: () => number;
  /** Of the last block, or of this node's start. */
  #sinceMs: number;
  #begun = false;

  constructor(options: CometProgressOptions) {
    this.#options = options;
    this.#steadyMs = options.steadyMs ?? (() => performance.now());
    this.#sinceMs = this.#steadyMs();
  }

  /** A block was committed. */
  advance(): void {
    this.#begun = true;
    this.#sinceMs = this.#steadyMs();
  }

  /** Why nothing is decided; null where blocks come. Not before the first one since the start. */
  async findTrouble(): Promise<string | null> {
    const silentMs = this.#steadyMs() - this.#sinceMs;
    if (this.#begun && silentMs <= this.#options.silenceMsMax) return null;
    const seconds = Math.floor(silentMs / 1_000);
    const since = this.#begun ? `for ${seconds} s` : `since this node started, ${seconds} s ago`;
    return `No block was decided ${since}. ${await this.#whatIsHeard()}`;
  }

  async #whatIsHeard(): Promise<string> {
    try {
      const { round_state: state } =
        await this.#options.rpc.call<ConsensusState>('consensus_state');
      const [height, round] = state['height/round/step'].split('/');
      const { heard, all } = votesIn(state.height_vote_set);
      return (
        `In round ${round} of height ${height}, validators with ${heard} of ${all} votes are heard; more ` +
        'than two thirds are needed. Start the nodes of the others, or mend the links to them.'
      );
    } catch (error) {
      return `What the others vote is not known: ${(error as Error).message}`;
    }
  }
}

/** The most voting power that was heard in one of the height's votes. */
function votesIn(rounds: readonly RoundVotes[]): { heard: number; all: number } {
  const votes = rounds
    .flatMap((round) => [round.prevotes_bit_array, round.precommits_bit_array])
    .map((text) => / ([0-9]+)\/([0-9]+) = /.exec(text))
    .map((found) => ({ heard: Number(found?.[1] ?? 0), all: Number(found?.[2] ?? 0) }));
  return votes.reduce((most, each) => (each.heard > most.heard || most.all === 0 ? each : most), {
    heard: 0,
    all: 0,
  });
}
