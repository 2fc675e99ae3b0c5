import type { Hex } from '../../base/bytes.ts';
import type { BlockRow, CommittedLeaf, EnvelopeRow, LeafRow } from '../engine/ports.ts';
import type { FinalizedBlock } from '../machine/block.ts';
import { genesisHash, parametersHash, type Genesis } from '../machine/genesis.ts';
import { headerHash, type Header } from '../machine/header.ts';
import { checkEnvelopes } from './check-envelopes.ts';
import { checkHeader, type ChainFacts } from './check-header.ts';
import { checkLeaves } from './check-leaves.ts';
import { SealCheck } from './check-seal.ts';
import { appHashOf, merkleRoot, type LogRoot } from './recompute.ts';
import type { Replay } from './replay.ts';
import type { Findings } from './report.ts';

export interface BlockCheckOptions {
  readonly genesis: Genesis;
  /** Executes the blocks anew; null judges them by hashes, signatures and receipts alone. */
  readonly replay: Replay | null;
  readonly findings: Findings;
  /** Where the check goes on from; the beginning of the chain unless given. */
  readonly from?: { readonly headerHash: Hex; readonly logSize: number };
  /** The log's root by other code than the machine's; null leaves that to a later audit. */
  readonly log: LogRoot | null;
}

export interface CheckedBlock {
  /** null where it cannot be trusted. */
  readonly header: Header | null;
  /** As executed; null where it leads elsewhere, or one before did. */
  readonly block: FinalizedBlock | null;
  /** As executed, or as stored where it was not. */
  readonly leaves: readonly CommittedLeaf[];
}

/** The blocks of a chain one after the other, wherever they are read from. */
export class BlockCheck {
  readonly seals: SealCheck;
  readonly #chain: ChainFacts;
  readonly #options: BlockCheckOptions;
  #previous: readonly Hex[];
  #logSize: number;
  #logFollows = true;

  constructor(options: BlockCheckOptions) {
    const { genesis, findings, from } = options;
    this.#options = options;
    this.seals = new SealCheck(findings);
    this.#chain = {
      chainId: genesis.chainId,
      genesisHash: genesisHash(genesis),
      parametersHash: parametersHash(genesis),
      signer: genesis.blockSigner,
    };
    this.#previous = [from?.headerHash ?? this.#chain.genesisHash];
    this.#logSize = from?.logSize ?? 0;
  }

  /** Leaves checked so far. */
  get logSize(): number {
    return this.#logSize;
  }

  /**
   * Checks a block and leaves it staged: the caller then commits the replay.
   * @param leavesBelow rows of leaves that have not been taken yet, up to a log index.
   */
  async stage(
    row: BlockRow,
    envelopes: readonly EnvelopeRow[],
    leavesBelow: (end: number) => Promise<readonly LeafRow[]>,
  ): Promise<CheckedBlock> {
    const { replay, findings } = this.#options;
    const { height } = row;
    const header = checkHeader(row, this.#chain, this.#previous, this.seals, findings);
    this.#previous = [headerHash(row.header), row.headerHash];
    const bytes = envelopes.map((envelope) => envelope.bytes);
    const expected = header ?? { timeMs: row.timeMs, appHash: row.appHash };
    const block = (await replay?.stage(height, bytes, expected, findings)) ?? null;
    const end = block?.logSize ?? header?.logSize ?? row.logSize;
    const stored = await leavesBelow(end);
    const leaves = checkLeaves(height, this.#logSize, stored, block?.leaves ?? null, findings);
    checkEnvelopes(height, envelopes, leaves, block?.results ?? null, findings);
    this.#logSize += leaves.length;
    this.#recompute(height, header, bytes, leaves);
    return { header, block, leaves };
  }

  #recompute(
    height: number,
    header: Header | null,
    envelopes: readonly Uint8Array[],
    leaves: readonly CommittedLeaf[],
  ): void {
    const { log, findings } = this.#options;
    if (!log) return;
    for (const { bytes } of leaves) log.append(bytes);
    if (!header) return;
    this.#checkLog(height, header, log);
    const compare = (name: 'envelopesRoot' | 'appHash', found: Hex): void => {
      if (found === header[name]) return;
      findings.add('block', height, 'header', `${name} by a second calculation is ${found}`);
    };
    compare('envelopesRoot', merkleRoot(envelopes));
    compare('appHash', appHashOf(header));
  }

  #checkLog(height: number, header: Header, log: LogRoot): void {
    if (!this.#logFollows) return;
    if (log.size === header.logSize && log.root() === header.logRoot) return;
    this.#logFollows = false;
    const { findings } = this.#options;
    findings.add('leaf', `of block ${height}`, null, 'do not hash to the header’s log root');
  }
}
