import path from 'node:path';

/** Where a witness keeps what; all of it below one folder. */
export interface WitnessFiles {
  readonly root: string;
  readonly keyFile: string;
  /** What it has cosigned: never older than a cosignature that it gave out. */
  readonly stateFile: string;
  /** The logs that it follows, as lines of c2sp.org/tlog-policy. */
  readonly logsFile: string;
  readonly evidenceDir: string;
  readonly lockFile: string;
}

export const witnessFiles = (root: string): WitnessFiles => ({
  root,
  keyFile: path.join(root, 'witness-key.json'),
  stateFile: path.join(root, 'state.json'),
  logsFile: path.join(root, 'logs'),
  evidenceDir: path.join(root, 'evidence'),
  lockFile: path.join(root, 'lock'),
});
