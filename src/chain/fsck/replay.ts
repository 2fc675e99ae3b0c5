import type { Hex } from '../../base/bytes.ts';
import { OperationalError } from '../../base/operational-error.ts';
import type { Header } from '../machine/header.ts';
import type { FinalizedBlock } from '../machine/block.ts';
import { StateLoader } from '../engine/state-loader.ts';
import type { StateSource } from '../engine/ports.ts';
import type { Machine } from '../machine/machine.ts';
import type { Findings } from './report.ts';

/** What a block must lead to: of its header, or where that is damaged, of its row. */
export type Expected = Pick<Header, 'timeMs' | 'appHash'> & Partial<Header>;

/**
 * Executes the blocks anew. It ends at the first block that leads elsewhere, for what follows
 * would be measured against a wrong state; the caller goes on with hashes alone.
 */
export class Replay {
  readonly machine: Machine;
  readonly #steps: StateLoader;
  #going = true;

  /** @param source of the values that a machine on a CachedState lacks. */
  constructor(machine: Machine, source: StateSource | null = null) {
    this.machine = machine;
    this.#steps = new StateLoader(machine, source);
  }

  get going(): boolean {
    return this.#going;
  }

  /** The block as executed, or null where it leads elsewhere or one before did. */
  async stage(
    height: number,
    envelopes: readonly Uint8Array[],
    expected: Expected,
    findings: Findings,
  ): Promise<FinalizedBlock | null> {
    if (!this.#going) return null;
    const block = await this.#execute(height, envelopes, expected, findings);
    if (block && leadsTo(block, expected, findings)) return block;
    this.machine.abandon();
    this.#going = false;
    return null;
  }

  async #execute(
    height: number,
    envelopes: readonly Uint8Array[],
    { timeMs }: Expected,
    findings: Findings,
  ): Promise<FinalizedBlock | null> {
    try {
      const { machine } = this;
      return await this.#steps.run(() => machine.finalizeBlock({ height, timeMs, envelopes }));
    } catch (error) {
      // What is stored is the reason unless the auditor's own surroundings are.
      if (error instanceof OperationalError) throw error;
      findings.add('block', height, null, `cannot be executed: ${(error as Error).message}`);
      return null;
    }
  }
}

const parts = ['envelopesRoot', 'stateRoot', 'zkRoot', 'logRoot', 'logSize'] as const;

function leadsTo(block: FinalizedBlock, expected: Expected, findings: Findings): boolean {
  const differing: string[] = parts.filter(
    (name) => expected[name] !== undefined && expected[name] !== block[name],
  );
  const found: Hex = block.appHash;
  if (differing.length === 0 && found === expected.appHash) return true;
  if (found !== expected.appHash) differing.push('appHash');
  findings.add(
    'block',
    block.height,
    null,
    `executed anew it leads elsewhere (${differing.join(', ')}); ` +
      'state and results are not checked from here on',
  );
  return false;
}
