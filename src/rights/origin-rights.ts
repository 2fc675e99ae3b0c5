/** Which origin of data gives which right (数据二十条 and the local rules after it), as data. */
import { dateOfDay, dayOfDate } from '../base/calendar.ts';
import { compareText } from '../base/bytes.ts';
import { refuse, success, type Outcome } from '../base/result.ts';
import type { Ledger } from '../base/room.ts';
import { rightsResults } from './results.ts';
import type { EvidenceKind, Origin, RegistrationFacts, Rights } from './schema.ts';
import { readRegistration } from './state.ts';

/** Given, not given, or given to whom commits to this kind of evidence. */
type Grant = boolean | EvidenceKind;
type Grants = { readonly [Right in keyof Rights]: Grant };

const all = { hold: true, use: true, operate: true };

const onlyWith = (kind: EvidenceKind): Grants => ({ hold: kind, use: kind, operate: kind });

/** null: not registrable. */
export const originRights: { readonly [Name in Origin]: Grants | null } = {
  OWN_COLLECTION: all,
  AUTHORISED_COLLECTION: all,
  CRAWLED_PUBLIC: { hold: true, use: true, operate: 'NON_SUBSTITUTION' },
  FUSED: { hold: true, use: true, operate: 'PARTIES_CONSENT' },
  DERIVED: all,
  ENTRUSTED: onlyWith('CONTRACT_GRANT'),
  GOVERNMENT: null,
  PUBLIC_DATA_OPERATION: onlyWith('PUBLIC_DATA_REGISTRATION'),
};

const required: readonly EvidenceKind[] = ['LAWFUL_ACQUISITION', 'SAMPLE', 'DESCRIPTION'];

/** Whether an application can be decided on at all; the registrar judges whether it is true. */
export function checkFacts(ledger: Ledger, applicant: string, facts: RegistrationFacts): Outcome {
  const rights = checkRights(facts);
  if (!rights.ok) return rights;
  const kinds = facts.evidence.map(({ kind }) => kind);
  const missing = required.filter((kind) => !kinds.includes(kind));
  if (missing.length > 0) {
    return refuse(rightsResults.RIGHTS_EVIDENCE_MISSING, `/evidence: ${missing.join(', ')}.`);
  }
  const { coverageFrom, coverageTo } = facts;
  const dates = isDate(coverageFrom) && isDate(coverageTo);
  if (!dates || compareText(coverageFrom, coverageTo) > 0) {
    return refuse(rightsResults.RIGHTS_COVERAGE, `${coverageFrom} to ${coverageTo}.`);
  }
  return checkParent(ledger, applicant, facts);
}

function checkRights({ origin, rights, evidence }: RegistrationFacts): Outcome {
  const grants = originRights[origin];
  if (!grants) return refuse(rightsResults.RIGHTS_NOT_REGISTRABLE, `Origin ${origin}.`);
  const claimed = (['hold', 'use', 'operate'] as const).filter((right) => rights[right]);
  if (claimed.length === 0) return refuse(rightsResults.RIGHTS_NONE_CLAIMED, '/rights.');
  for (const right of claimed) {
    const grant = grants[right];
    if (grant === true || evidence.some(({ kind }) => kind === grant)) continue;
    const remedy = grant === false ? 'not given' : `only with evidence ${grant}`;
    return refuse(rightsResults.RIGHTS_NOT_GRANTED, `Origin ${origin}: ${right} is ${remedy}.`);
  }
  return success;
}

/** Derived data come from a holder of the right to use the source: registered, or licensed. */
function checkParent(ledger: Ledger, applicant: string, facts: RegistrationFacts): Outcome {
  const { origin, parentRegistrationId, evidence } = facts;
  const licensed = evidence.some(({ kind }) => kind === 'SOURCE_LICENCE');
  if (parentRegistrationId === null) {
    if (origin !== 'DERIVED' || licensed) return success;
    return refuse(
      rightsResults.RIGHTS_PARENT,
      'Derived data name a source registration or evidence SOURCE_LICENCE.',
    );
  }
  if (origin !== 'DERIVED' && origin !== 'FUSED') {
    return refuse(rightsResults.RIGHTS_PARENT, `Origin ${origin} has no source registration.`);
  }
  const parent = readRegistration(ledger, parentRegistrationId);
  if (parent?.state !== 'ACTIVE') {
    return refuse(
      rightsResults.RIGHTS_PARENT,
      `Registration ${parentRegistrationId} is ${parent?.state ?? 'not there'}; needs ACTIVE.`,
    );
  }
  if (licensed || (parent.applicant === applicant && parent.rights.use)) return success;
  return refuse(
    rightsResults.RIGHTS_PARENT,
    `${applicant} holds no USE on ${parentRegistrationId}; add evidence SOURCE_LICENCE.`,
  );
}

/** True for YYYY-MM-DD that stands in the Gregorian calendar. */
function isDate(iso: string): boolean {
  const [year = 0, month = 0, day = 0] = iso.split('-').map(Number);
  if (month < 1 || month > 12 || day < 1 || day > 31) return false;
  const found = dateOfDay(dayOfDate(year, month, day));
  return found.month === month && found.day === day;
}
