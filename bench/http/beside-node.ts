/** What benches over HTTP begin and end with: a folder, a node in it, and all that is put up beside it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNode, type NodeOptions, type NodeServer } from './processes.ts';

export interface BesideNode {
  readonly node: NodeServer;
  readonly folder: string;
  /** Closed when the work has ended, whatever its end is, the last first. */
  readonly closing: <Opened extends { close(): Promise<unknown> }>(opened: Opened) => Opened;
}

/** Leaves nothing behind, also where a signal ends it. */
export async function besideNode(
  name: string,
  options: NodeOptions,
  work: (beside: BesideNode) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), `dxl-bench-${name}-`));
  const undo: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const end = async (): Promise<void> => {
    for (let step = undo.pop(); step; step = undo.pop()) await step();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void end().finally(() => process.exit(1)));
  }
  const closing: BesideNode['closing'] = (opened) => {
    undo.push(() => opened.close());
    return opened;
  };
  try {
    const node = closing(await startNode(folder, options));
    await work({ node, folder, closing });
  } finally {
    await end();
  }
}
