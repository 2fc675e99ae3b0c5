import { OperationalError } from '../../base/operational-error.ts';

interface FilePlace {
  readonly frame: number;
  readonly offset: number;
}

/** Something is wrong at one place of an exported file; frame and byte offset are in its message. */
export class ArchiveError extends OperationalError {
  readonly frame: number;
  readonly offset: number;

  constructor(code: string, problem: string, { frame, offset }: FilePlace) {
    super(code, `Frame ${frame} at byte ${offset}: ${problem}. ${remedies[code] ?? ''}`.trim());
    this.frame = frame;
    this.offset = offset;
  }
}

const remedies: Readonly<Record<string, string>> = {
  ARCHIVE_FORMAT: 'Name a file that `dxl export` wrote.',
  ARCHIVE_VERSION: 'Use the release of dxl that wrote it, or a newer one.',
  ARCHIVE_DAMAGED: 'The file was altered or damaged: get it again from where it was made.',
  ARCHIVE_TRUNCATED:
    'The file is not whole: finish it with `dxl export FILE --resume` where it was made, or get all ' +
    'of it, and run this again.',
  ARCHIVE_ALTERED:
    'The file does not hold what this chain did: get it from somebody who has not changed it.',
};
