import type { Command } from 'commander';
import { OperationalError } from '../base/operational-error.ts';
import type { Verdict } from '../data/difference.ts';
import {
  checkAgainstInspection,
  checkAgainstRegistration,
  checkAgainstVersion1,
  readInspection,
  type CheckOptions,
} from '../data/shell/check.ts';
import { readOpening } from '../data/shell/opening.ts';
import { readDescriptionFile, readJsonFile } from '../data/shell/read-description-file.ts';
import { asVersion2, readRegistration, readTableSalt } from '../data/shell/read-registration.ts';
import type { CheckFlags } from './data-flags.ts';
import { differenceLines } from '../data/difference-text.ts';
import { exitCodes, usageError } from './exit.ts';
import { interruptibly } from './interrupted.ts';
import { readCommon } from './options.ts';
import { fields, print, printJson, remark } from './output.ts';
import { namingFile } from './table-error.ts';
import { bytesText, openTransfer } from './transfer-progress.ts';

export async function check(file: string, flags: CheckFlags, command: Command): Promise<void> {
  const { json } = await readCommon(command);
  const { description } = flags;
  const described =
    description === undefined
      ? null
      : await namingFile(description, () => readDescriptionFile(description));
  const progress = await openTransfer({ label: 'check', quiet: json });
  const verdict = await interruptibly((signal) =>
    judge(file, flags, {
      ...{ signal, file: described?.file ?? null, encoding: flags.encoding ?? null },
      onProgress: (bytes, of) => progress.update({ bytes, of }),
      onSpill: (bytes, folder) =>
        remark(`Up to ${bytesText(bytes)} of ${folder} are taken for a time, and given back.`),
    }).finally(() => progress.end()),
  );
  if (json) printJson(verdict);
  else print(verdictText(verdict));
  if (!verdict.agrees) process.exitCode = exitCodes.refused;
}

async function judge(file: string, flags: CheckFlags, options: CheckOptions): Promise<Verdict> {
  const { against, opening } = flags;
  const value = await namingFile(against, () => readJsonFile(against));
  const kept = await namingFile(against, async () => readInspection(value));
  if (kept !== null && opening === undefined) return checkAgainstInspection(file, kept, options);
  const registered = readRegistration(value);
  if (registered === null) {
    throw usageError(
      `${against} is neither what \`dxl data inspect FILE --json\` prints nor a registration ` +
        '(dxl get registrations ID --json).',
    );
  }
  if (opening === undefined) {
    throw new OperationalError(
      'OPENING_ABSENT',
      `${against} is a registration: its digests are salted, and without what opens them nothing can ` +
        'be compared. Give it: --opening FILE, of the seller or of the delivery.',
    );
  }
  const given = await namingFile(opening, () => readJsonFile(opening));
  const salt = readTableSalt(given);
  if (salt !== null) {
    if (registered.version === 1) {
      return checkAgainstVersion1(file, registered.fingerprint, salt, options);
    }
    throw noOpening(opening, '"format": "dxl-opening/2" with "seed" and "bareSalt"');
  }
  return namingFile(opening, async () => {
    const opens = readOpening(given);
    if (opens === null) {
      const form = '"format": "dxl-opening/2" with "seed" and "bareSalt"';
      throw noOpening(opening, `${form}, or, of version 1, "tableSalt"`);
    }
    const fingerprint =
      registered.version === 2
        ? registered.fingerprint
        : asVersion2(registered.fingerprint, opens.table);
    return checkAgainstRegistration(file, fingerprint, opens, options);
  });
}

const noOpening = (file: string, form: string): OperationalError =>
  new OperationalError(
    'OPENING_INVALID',
    `${file} does not open this registration: it holds no ${form}.`,
  );

function verdictText({ agrees, difference, version, notCovered }: Verdict): string {
  const lines = {
    agrees: agrees ? 'yes' : 'no',
    fingerprint: `version ${version}`,
    ...(difference ? differenceLines(difference) : {}),
    ...(notCovered.length === 0 ? {} : { 'not covered by version 1': notCovered.join('; ') }),
  };
  return fields(lines);
}
