import { OperationalError } from '../base/operational-error.ts';
import { readSample, type SampleOpening } from '../client/delivery-package.ts';
import { readOpening, type Opening } from '../data/shell/opening.ts';
import { readJsonFile } from '../data/shell/read-description-file.ts';
import { namingFile } from './table-error.ts';

export interface ReadSampleOpening {
  /** The file's own members. */
  readonly given: object;
  readonly opening: Opening;
  /** null where it holds none. */
  readonly sample: SampleOpening | null;
}

/** Throws OperationalError OPENING_INVALID. */
export const readSampleOpening = (file: string): Promise<ReadSampleOpening> =>
  namingFile(file, async () => {
    const given = await readJsonFile(file);
    const opening = readOpening(given);
    if (opening === null) {
      throw new OperationalError(
        'OPENING_INVALID',
        `${file} is no opening: name what \`dxl data inspect FILE --write-opening\` wrote.`,
      );
    }
    const { sample } = given as { readonly sample?: unknown };
    return { given: given as object, opening, sample: readSample(sample) };
  });
