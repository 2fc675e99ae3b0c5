import { utf8 } from '../base/bytes.ts';
import { canonicalJson } from '../base/canonical-json.ts';
import { commitment } from '../base/hash.ts';
import type { Inspection } from '../data/shell/inspect.ts';
import type { Quality, WholeFile } from '../listing/schema.ts';

/** The measures and classes of a whole file, as its seller keeps them and a listing commits to them. */
export const qualityReport = ({ examined, quality, anonymity }: Inspection): Uint8Array =>
  utf8(canonicalJson({ rows: examined.counts.rows, quality, anonymity }));

/**
 * What a listing states of its file's quality. Its record has no word for "not measurable": such a
 * criterion is 0 there, never all, and the report says that it was not measured.
 * @param salt 32 random bytes, kept by the seller and shown with the report
 */
export function listedQuality(inspection: Inspection, salt: Uint8Array): Quality {
  const { examined, quality } = inspection;
  const stated = (criterion: keyof typeof quality): number => quality[criterion].basisPoints ?? 0;
  return {
    rows: examined.counts.rows,
    completeness: stated('completeness'),
    accuracy: stated('accuracy'),
    consistency: stated('consistency'),
    regularity: stated('regularity'),
    timeliness: stated('timeliness'),
    accessibility: stated('accessibility'),
    reportCommitment: commitment(salt, qualityReport(inspection)),
  };
}

/**
 * What a seller states of the whole file beside the sample's proof.
 * @param columns quasi-identifiers as the sample's statement names them: those that the file's description tags
 */
export function wholeFileOf(
  { examined, quality, anonymity }: Inspection,
  columns: readonly string[],
): WholeFile {
  const { completeness, accuracy, consistency, regularity, timeliness, accessibility } = quality;
  const { leftOut, k, uniqueRows, smallest } = anonymity;
  return {
    rows: examined.counts.rows,
    quality: {
      completeness: completeness.basisPoints,
      accuracy: accuracy.basisPoints,
      consistency: consistency.basisPoints,
      regularity: regularity.basisPoints,
      timeliness: timeliness.basisPoints,
      accessibility: accessibility.basisPoints,
    },
    anonymity: { columns: [...columns], leftOut, k, uniqueRows, smallest: [...smallest] },
  };
}
