/**
 * Whether the network beside this node decides blocks. The app hash changes with each block, so
 * CometBFT makes one after another while nobody submits, whatever `create_empty_blocks` says: a network
 * with more than two thirds of its votes is never silent for long, and one without always is.
 */
import type { CometRpc } from './comet-rpc.ts';

export interface CometProgressOptions {
  readonly rpc: Pick<CometRpc, 'call'>;
  /** Without a block for so long, something is wrong whatever is heard of the others. */
  readonly silenceMsMax: number;
  /** Without a block for so long, the others are asked for: fewer votes than decide are wrong, too. */
  readonly unheardMsMax: number;
  /** Milliseconds of a clock that nobody sets. */
  readonly steadyMs?: () => number;
}

interface RoundVotes {
  readonly round: number;
  /** Like `BA{4:xx__} 20/40 = 0.50`. */
  readonly prevotes_bit_array: string;
  readonly precommits_bit_array: string;
}

interface SyncStatus {
  readonly sync_info: { readonly catching_up: boolean };
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
  /** CometBFT has taken part since this node started: blocks before that it has from others, or replays. */
  #takesPart = false;
  #begun = false;

  constructor(options: CometProgressOptions) {
    this.#options = options;
    this.#steadyMs = options.steadyMs ?? (() => performance.now());
    this.#sinceMs = this.#steadyMs();
  }

  /** A block was committed. */
  advance(): void {
    this.#begun ||= this.#takesPart;
    this.#sinceMs = this.#steadyMs();
  }

  /**
   * Why nothing is decided; null where blocks come. Not before one was decided with this node's CometBFT
   * since the start: what that replays, or has from others, was decided at another time.
   */
  async findTrouble(): Promise<string | null> {
    const silentMs = this.#steadyMs() - this.#sinceMs;
    const { silenceMsMax, unheardMsMax } = this.#options;
    if (this.#begun && silentMs <= unheardMsMax) return null;
    const { words, lacking } = await this.#askOthers();
    if (this.#begun && silentMs <= silenceMsMax && !lacking) return null;
    const seconds = Math.floor(silentMs / 1_000);
    const since = this.#begun ? `for ${seconds} s` : `since this node started, ${seconds} s ago`;
    return `No block was decided ${since}. ${words}`;
  }

  async #askOthers(): Promise<{ readonly words: string; readonly lacking: boolean }> {
    try {
      const { rpc } = this.#options;
      if (!this.#takesPart) {
        const { sync_info: sync } = await rpc.call<SyncStatus>('status');
        this.#takesPart = !sync.catching_up;
      }
      const { round_state: state } = await rpc.call<ConsensusState>('consensus_state');
      const [height, round] = state['height/round/step'].split('/');
      const { heard, all } = votesIn(state.height_vote_set);
      const words =
        `In round ${round} of height ${height}, validators with ${heard} of ${all} votes are heard; more ` +
        'than two thirds are needed. Start the nodes of the others, or mend the links to them.';
      return { words, lacking: 3 * heard <= 2 * all };
    } catch (error) {
      const words = `What the others vote is not known: ${(error as Error).message}`;
      return { words, lacking: false };
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
