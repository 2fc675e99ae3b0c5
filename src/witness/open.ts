import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { readFileText, taken } from '../base/file-text.ts';
import { OperationalError } from '../base/operational-error.ts';
import { parsePolicy } from '../chain/checkpoint/policy.ts';
import { verifyEd25519 } from '../chain/tx/signature.ts';
import { openWitnessKey } from './key-file.ts';
import { takeLock } from './lock-file.ts';
import { StateFile } from './state-file.ts';
import { Witness, type FollowedLog, type WitnessOptions } from './witness.ts';
import { witnessFiles } from './witness-files.ts';

/** By how much clocks may differ; more than any that is kept right does. */
export const usualToleranceS = 300;

export type WitnessClock = Partial<Pick<WitnessOptions, 'nowS' | 'steadyS' | 'toleranceS'>>;

export interface OpenWitness {
  readonly witness: Witness;
  /** Gives up the folder. */
  close(): Promise<void>;
}

/**
 * The witness of a folder, for one process. Throws OperationalError WITNESS_KEY_MISSING,
 * WITNESS_KEY_UNREADABLE, WITNESS_STATE_MISSING, WITNESS_STATE_CORRUPT, WITNESS_LOGS or WITNESS_LOCKED.
 */
export async function openWitness(
  root: string,
  onAlert: (alert: string) => void,
  clock: WitnessClock = {},
): Promise<OpenWitness> {
  const files = witnessFiles(root);
  const identity = await openWitnessKey(files);
  const logs = await readFollowedLogs(files.logsFile);
  const close = await takeLock(files.lockFile);
  try {
    const witness = new Witness({
      ...{ identity, logs, onAlert },
      state: await StateFile.open(files.stateFile),
      evidenceDir: files.evidenceDir,
      verify: verifyEd25519,
      nowS: () => Math.floor(Date.now() / 1000),
      // Time since the machine started, its sleep included.
      steadyS: () => os.uptime(),
      toleranceS: usualToleranceS,
      ...clock,
    });
    return { witness, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** By origin. Throws OperationalError WITNESS_LOGS. */
async function readFollowedLogs(file: string): Promise<ReadonlyMap<string, FollowedLog>> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new OperationalError(
      'WITNESS_LOGS',
      `${file} cannot be read (${(cause as Error).message}). It names the logs to follow, one ` +
        '`log <verifier key> <address>` on each line; `dxl witness follow` writes it.',
      { cause },
    );
  });
  const text = taken(
    readFileText(bytes),
    (problem) => new OperationalError('WITNESS_LOGS', `${file} ${problem}.`),
  );
  const policy = parsePolicy(text, false);
  if ('problem' in policy) {
    throw new OperationalError(
      'WITNESS_LOGS',
      `${file}, line ${policy.line}: ${policy.problem}. A line is \`log <verifier key> <address>\`.`,
    );
  }
  const logs = new Map<string, FollowedLog>();
  for (const { key, url } of policy.logs) {
    const known = logs.get(key.name);
    const keys = [...(known?.keys ?? []), key];
    logs.set(key.name, { origin: key.name, keys, url: known?.url ?? url });
  }
  return logs;
}
