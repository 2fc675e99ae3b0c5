/**
 * What must hold of a network after any trouble: one history on all validators, in their own block
 * stores and databases; every acknowledged envelope in exactly one block, with the receipt that was
 * given; and the effects of the blocks exactly once. The effects are counted anew, twice over: by a
 * machine that executes CometBFT's blocks from genesis, and from the envelopes without a machine.
 */
import { isDeepStrictEqual } from 'node:util';
import { sha256Hex } from '../../../src/base/hash.ts';
import type { Receipt } from '../../../src/chain/engine/engine.ts';
import type { Genesis } from '../../../src/chain/machine/genesis.ts';
import { Machine } from '../../../src/chain/machine/machine.ts';
import type { MachineParts } from '../../../src/chain/machine/parts.ts';
import { exchangeParts } from '../../../src/chain/rooms.ts';
import { parseEnvelope } from '../../../src/chain/tx/envelope.ts';
import { admit } from '../../../src/identity/admit.ts';
import { proofVerifierOf } from '../../../src/node/verification-keys.ts';
import { readCopy, type CometBlock, type Copy } from './copies.ts';
import { heightOf, waitForHeight, type TestNetwork } from './test-network.ts';

export interface Promised {
  readonly acknowledged: ReadonlyMap<string, Receipt>;
  readonly known: ReadonlySet<string>;
  readonly refused: readonly string[];
  /** Blocks that were kept before validators forgot them. */
  readonly archived?: ReadonlyMap<number, CometBlock>;
}

export interface Verdict {
  readonly height: number;
  /** Over all validators: blocks of their block stores, of their databases, rows of their state. */
  readonly compared: {
    readonly blocks: number;
    readonly ledgerBlocks: number;
    readonly rows: number;
  };
  /** Blocks that a fresh machine executed, each to the app hash in CometBFT's next header. */
  readonly reexecuted: number;
  readonly envelopes: Counted;
  /** As the envelopes of the blocks admit them, and as each validator's database has them. */
  readonly organisations: { readonly byEnvelopes: number; readonly byState: readonly number[] };
  /** Empty where everything held. */
  readonly problems: readonly string[];
}

interface Counted {
  readonly inBlocks: number;
  readonly applied: number;
  readonly acknowledged: number;
  /** Acknowledged, and not in the promised block with the promised code. */
  readonly lost: number;
  /** In more than one block, or with a sequence number that its key has used before. */
  readonly doubled: number;
}

/** Waits until all validators stand at one height, then judges all up to it. Stop the load first. */
export async function judge(network: TestNetwork, promised: Promised): Promise<Verdict> {
  const all = network.plan.validators.map((_, at) => at);
  const last = Math.max(...(await Promise.all(all.map((at) => heightOf(network, at)))));
  // The header of the block after names the app hash of the last one.
  const end = last + 1;
  await Promise.all(all.map((at) => waitForHeight(network, at, end)));
  const copies = await Promise.all(all.map((at) => readCopy(network, at, end)));
  return judgeCopies(network.genesis, copies, last, promised);
}

/** Copies hold one block more than `last` of CometBFT's. */
export function judgeCopies(
  genesis: Genesis,
  copies: readonly Copy[],
  last: number,
  promised: Promised,
  parts: MachineParts = { ...exchangeParts, verifyProof: proofVerifierOf(new Map()) },
): Verdict {
  const problems = promised.refused.map((refusal) => `refused: ${refusal}`);
  const blocks = unite(copies, promised.archived, last + 1, problems);
  compareLedgers(copies, blocks, last, problems);
  const machine = reexecute(new Machine(genesis, parts), blocks, last, problems);
  const admitted = new Set<string>();
  const envelopes = countEnvelopes(genesis, blocks.slice(0, last), promised, admitted, problems);
  const byState = copies.map(({ state }) => state.filter(([key]) => isOrganisation(key)).length);
  const byEnvelopes = admitted.size + 1; // The operator is of genesis.
  if (byState.some((found) => found !== byEnvelopes)) {
    problems.push(`${byEnvelopes} organisations by the envelopes, ${byState.join(', ')} by state`);
  }
  return {
    height: last,
    compared: {
      blocks: sum(copies, ({ comet }) => comet.size),
      ledgerBlocks: sum(copies, ({ ledger }) => ledger.size),
      rows: compareStates(copies, machine, problems),
    },
    reexecuted: machine.info().height,
    envelopes,
    organisations: { byEnvelopes, byState },
    problems,
  };
}

const sum = (copies: readonly Copy[], size: (copy: Copy) => number): number =>
  copies.reduce((total, copy) => total + size(copy), 0);

const isOrganisation = (key: string): boolean => key.startsWith('organisation/');

/** CometBFT's blocks 1 to `end`, of whoever has them; all who have one must have the same. */
function unite(
  copies: readonly Copy[],
  archived: Promised['archived'],
  end: number,
  problems: string[],
): CometBlock[] {
  const blocks: CometBlock[] = [];
  for (let height = 1; height <= end; height += 1) {
    const stores = copies.map(({ comet }) => comet.get(height));
    const found = [archived?.get(height), ...stores].filter((block) => block !== undefined);
    const [first] = found;
    if (!first) {
      problems.push(`no validator has block ${height}`);
      break;
    }
    if (found.some((other) => !isDeepStrictEqual(other, first))) {
      problems.push(`block stores differ at height ${height}`);
    }
    blocks.push(first);
  }
  return blocks;
}

/** Every database has every block, with CometBFT's envelopes, codes and app hash. */
function compareLedgers(
  copies: readonly Copy[],
  blocks: readonly CometBlock[],
  last: number,
  problems: string[],
): void {
  for (const [at, { ledger }] of copies.entries()) {
    for (let height = 1; height <= last; height += 1) {
      const own = ledger.get(height);
      const block = blocks[height - 1];
      const fail = (what: string) => problems.push(`validator ${at}, height ${height}: ${what}`);
      if (!own || !block) fail('no block');
      else if (own.appHash !== blocks[height]?.appHash) fail('another app hash than CometBFT’s');
      else if (own.headerHash !== copies[0]?.ledger.get(height)?.headerHash) fail('another header');
      else if (!sameEnvelopes(own.envelopes, block)) fail('other envelopes or results');
    }
  }
}

const sameEnvelopes = (
  rows: readonly { readonly id: string; readonly code: number }[],
  { envelopes, codes }: CometBlock,
): boolean =>
  rows.length === envelopes.length &&
  rows.every(({ id, code }, at) => id === sha256Hex(envelopes[at]!) && code === codes[at]);

/** A machine that took no part in the trouble, from genesis to `last`. */
function reexecute(
  machine: Machine,
  blocks: readonly CometBlock[],
  last: number,
  problems: string[],
): Machine {
  machine.initChain();
  for (const [at, { time, envelopes }] of blocks.slice(0, last).entries()) {
    // CometBFT's time has nanoseconds: Date rounds them down, as the application does.
    const block = machine.finalizeBlock({ height: at + 1, timeMs: Date.parse(time), envelopes });
    machine.commit();
    if (block.appHash === blocks[at + 1]?.appHash) continue;
    problems.push(`block ${at + 1}, executed anew, leads to ${block.appHash}`);
    break;
  }
  return machine;
}

function countEnvelopes(
  genesis: Genesis,
  blocks: readonly CometBlock[],
  promised: Promised,
  admitted: Set<string>,
  problems: string[],
): Counted {
  const placed = new Map<string, { height: number; code: number }>();
  const used = new Set<string>();
  let doubled = 0;
  for (const [at, { envelopes, codes }] of blocks.entries()) {
    for (const [position, bytes] of envelopes.entries()) {
      const id = sha256Hex(bytes);
      const parsed = parseEnvelope(bytes, genesis.parameters);
      const use = parsed.ok ? `${parsed.value.keyId}/${parsed.value.sequence}` : id;
      if (placed.has(id) || used.has(use)) {
        doubled += 1;
        problems.push(`envelope ${id} stands in a second block, ${at + 1}`);
      }
      placed.set(id, { height: at + 1, code: codes[position] ?? -1 });
      used.add(use);
      if (codes[position] !== 0 || !parsed.ok) continue;
      for (const { number } of parsed.value.operations)
        if (number === admit.number) admitted.add(id);
    }
  }
  let lost = 0;
  for (const [id, { height, resultCode }] of promised.acknowledged) {
    const found = placed.get(id);
    if (found?.height === height && found.code === resultCode) continue;
    lost += 1;
    problems.push(`envelope ${id}, acknowledged at height ${height}, is not there`);
  }
  for (const id of promised.known) {
    if (!placed.has(id)) problems.push(`envelope ${id} is said to be used, and stands nowhere`);
  }
  return {
    inBlocks: placed.size,
    applied: [...placed.values()].filter(({ code }) => code === 0).length,
    acknowledged: promised.acknowledged.size,
    lost,
    doubled,
  };
}

/** All rows of all validators against the machine's; returns how many that were. */
function compareStates(copies: readonly Copy[], machine: Machine, problems: string[]): number {
  const wanted = new Map<string, string>();
  for (const { key, value } of machine.stateRows()) wanted.set(key, sha256Hex(value));
  for (const [at, { state }] of copies.entries()) {
    const differing = state.filter(([key, hash]) => wanted.get(key) !== hash);
    if (differing.length === 0 && state.length === wanted.size) continue;
    problems.push(
      `validator ${at} has ${state.length} state rows instead of ${wanted.size}, ` +
        `of which ${differing.length} differ (${differing[0]?.[0] ?? 'none'})`,
    );
  }
  return sum(copies, ({ state }) => state.length);
}
