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
      const { now, most } = votesIn(state.height_vote_set);
      const words =
        `In round ${round} of height ${height}, validators with ${now.heard} of ${now.all} votes are heard; more ` +
        'than two thirds are needed. Start the nodes of the others, or mend the links to them.';
      return { words, lacking: 3 * most.heard <= 2 * most.all };
    } catch (error) {
      const words = `What the others vote is not known: ${(error as Error).message}`;
      return { words, lacking: false };
    }
  }
}

interface Votes {
  readonly heard: number;
  readonly all: number;
}

interface HeardVotes {
  /** Of the vote that is under way: of a round that has decided what to commit, who would. */
  readonly now: Votes;
  /** In any vote of the height, so that a vote which has just begun lacks nobody yet. */
  readonly most: Votes;
}

function votesIn(rounds: readonly RoundVotes[]): HeardVotes {
  const none = { heard: 0, all: 0 };
  const found: HeardVotes = { now: none, most: none };
  return rounds.reduce(({ now, most }, round) => {
    const prevotes = countOf(round.prevotes_bit_array);
    const precommits = countOf(round.precommits_bit_array);
    const voting = 3 * prevotes.heard > 2 * prevotes.all ? precommits : prevotes;
    return {
      now: prevotes.heard > 0 || now.all === 0 ? voting : now,
      most: [prevotes, precommits].reduce(
        (best, each) => (each.heard > best.heard || best.all === 0 ? each : best),
        most,
      ),
    };
  }, found);
}

function countOf(votes: string): Votes {
  const [, heard = 0, all = 0] = / ([0-9]+)\/([0-9]+) = /.exec(votes) ?? [];
  return { heard: Number(heard), all: Number(all) };
}
