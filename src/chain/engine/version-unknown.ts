import { OperationalError } from '../../base/operational-error.ts';
import { MachineVersionUnknown } from '../machine/machine-versions.ts';

export const versionUnknownCode = 'MACHINE_VERSION_UNKNOWN';

/** What stops an older program, as its operator is told it; any other error as it is. */
export function namedVersion(error: unknown): unknown {
  if (!(error instanceof MachineVersionUnknown)) return error;
  const { step, known } = error;
  return new OperationalError(
    versionUnknownCode,
    `From block ${step.fromHeight} on this chain is executed by machine version ${step.version}; this ` +
      `program knows versions 1 to ${known} and ends before that block. Install a release that knows ` +
      `machine version ${step.version} (CHANGELOG.md names each), and start it on the same data ` +
      'folder: what is on disk stays as it is.',
    { cause: error },
  );
}

export const isVersionUnknown = (error: unknown): error is OperationalError =>
  error instanceof OperationalError && error.code === versionUnknownCode;
