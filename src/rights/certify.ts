import { monthOf, periodEndMs } from '../base/calendar.ts';
import { refuse, success, successWith, type Outcome } from '../base/result.ts';
import { defineOperation, type Context, type Deadline } from '../base/room.ts';
import { rightsResults } from './results.ts';
import { certifyCommand } from './schema.ts';
import { certificateSeriesRecord, readRegistration } from './state.ts';
import { findInGoodStanding, writeRegistration } from './write.ts';

/** The registrar certifies after publicity; the certificate is valid for the registration period. */
export const certify = defineOperation({
  number: 209,
  name: 'rights.certify',
  title: 'Certify a registration',
  command: certifyCommand,
  roles: ['REGISTRAR'],
  apply(context, { registrationId, registrarCode }) {
    const found = findInGoodStanding(context, 'rights.certify', registrationId);
    if (!found.ok) return found;
    const number = nextCertificateNumber(context, registrarCode);
    if (!number.ok) return number;
    const { rules, timeMs } = context;
    const validToMs = periodEndMs(timeMs, rules.periods.registration, rules.calendar);
    writeRegistration(
      context,
      {
        ...found.value,
        state: 'ACTIVE',
        certificateNumber: number.value,
        validFromMs: timeMs,
        validToMs,
        dueAtMs: validToMs,
      },
      'rights.registered',
    );
    return success;
  },
});

const issuedMax = 9999;

/**
 * Prefix, registrar code, YYYYMM, four digits from 0001 each month: `SJ` and the code of the
 * province and registrar under the national rules. Null where the rule pack gives no prefix.
 */
function nextCertificateNumber(context: Context, code: string): Outcome<string | null> {
  const { certificatePrefix, calendar } = context.rules;
  const series = context.read(certificateSeriesRecord, code);
  const { organisationId } = context.actor;
  if (series && series.registrar !== organisationId) {
    return refuse(rightsResults.RIGHTS_REGISTRAR_CODE_TAKEN, `${code} is of ${series.registrar}.`);
  }
  const { year, month } = monthOf(context.timeMs, calendar);
  const continues = series?.year === year && series.month === month;
  const issued = (continues ? series.issued : 0) + 1;
  if (issued > issuedMax) {
    return refuse(rightsResults.RIGHTS_CERTIFICATES_EXHAUSTED, `Code ${code}, month ${month}.`);
  }
  if (certificatePrefix === null) return successWith(null);
  context.write(
    certificateSeriesRecord,
    { id: code, registrar: organisationId, year, month, issued },
    'rights.certificate-numbered',
  );
  const digits = (value: number, width: number) => String(value).padStart(width, '0');
  return successWith(
    `${certificatePrefix}${code}${digits(year, 4)}${digits(month, 2)}${digits(issued, 4)}`,
  );
}

/** The registration's time has run out; renewal is a new registration. */
export const registrationExpires: Deadline = {
  name: 'rights.registration-expires',
  apply(ledger, id) {
    const registration = readRegistration(ledger, id);
    if (registration?.state !== 'ACTIVE') return;
    writeRegistration(
      ledger,
      { ...registration, state: 'EXPIRED', dueAtMs: null },
      'rights.expired',
    );
  },
};
