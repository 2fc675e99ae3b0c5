import { defineResults } from '../base/result.ts';

/** Why a file is no dossier at all; whatever else is wrong with one is the failure of a claim. */
export const dossierResults = defineResults({
  DOSSIER_TOO_LARGE: [
    9900,
    413,
    'The file is larger than a dossier may be.',
    'A dossier has at most 32 MiB; make one for each trade.',
  ],
  DOSSIER_NOT_CANONICAL: [
    9901,
    400,
    'The file is not canonical JSON.',
    'Ask for the file as it was made: editors and formatters change its bytes.',
  ],
  DOSSIER_FORMAT: [
    9902,
    400,
    'The file does not have the fields of a dossier, of format dxl-dossier/1, dxl-dossier/2 or dxl-dossier/3.',
    'Check that it is a dossier, and that this verifier is of its version.',
  ],
});
