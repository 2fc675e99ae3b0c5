import type { AuditReader, CommittedLeaf } from '../engine/ports.ts';
import type { Registry } from '../machine/registry.ts';
import { ProjectionCheck } from './check-projection.ts';
import { Findings, type Finding } from './report.ts';
import { Scratch } from './scratch.ts';

export interface ReadModelReport {
  readonly sound: boolean;
  readonly height: number;
  readonly leaves: number;
  readonly events: number;
  readonly records: number;
  readonly findings: readonly Finding[];
  readonly findingCount: number;
}

const leavesPerStep = 500;

interface Compared {
  readonly reader: AuditReader;
  readonly registry: Registry;
  readonly scratch: Scratch;
}

/** The read models against the log as it is stored; that the log is sound is `checkLedger`'s to say. */
export async function checkReadModels(
  reader: AuditReader,
  registry: Registry,
  onProgress: (leaves: number, of: number) => void,
): Promise<ReadModelReport> {
  const scratch = new Scratch();
  return compareAll({ reader, registry, scratch }, onProgress).finally(() => scratch.close());
}

async function compareAll(
  { reader, registry, scratch }: Compared,
  onProgress: (leaves: number, of: number) => void,
): Promise<ReadModelReport> {
  const findings = new Findings();
  const cursor = await reader.readCursor();
  if (!cursor) findings.add('projection_cursor', 'true', null, 'is missing');
  const end = cursor?.logIndex ?? 0;
  const projection = new ProjectionCheck({ reader, end, registry, findings, scratch });
  let run: CommittedLeaf[] = [];
  for await (const leaf of reader.leaves()) {
    findings.rows.leaves += 1;
    run.push(leaf);
    if (run.length < leavesPerStep) continue;
    await projection.see(run);
    run = [];
    onProgress(findings.rows.leaves, end);
  }
  await projection.see(run);
  await projection.finish();
  const { leaves, events, records } = findings.rows;
  return {
    sound: findings.count === 0,
    height: cursor?.height ?? 0,
    ...{ leaves, events, records },
    findings: findings.list,
    findingCount: findings.count,
  };
}
