import type { Command } from 'commander';
import { refuseExisting } from '../client/refuse-existing.ts';
import { takeSample } from '../client/listed-sample.ts';
import { rulesInForce, sizesInForce } from '../client/rules-in-force.ts';
import { sampleJson } from '../client/delivery-package.ts';
import { statementColumns } from '../listing/types.ts';
import { usageError } from './exit.ts';
import { readCommon } from './options.ts';
import { fields, print, printJson } from './output.ts';
import { readSampleOpening } from './sample-opening.ts';
import type { TakeFlags } from './sample-flags.ts';
import { openClient } from './session.ts';
import { namingFile } from './table-error.ts';
import { writeNew } from './write-new.ts';

export async function take(file: string, flags: TakeFlags, command: Command): Promise<void> {
  const common = await readCommon(command);
  await refuseExisting(flags.writeOpening);
  const { given, opening, sample } = await readSampleOpening(flags.opening);
  if (sample !== null) {
    throw usageError(`${flags.opening} holds a sample already: name the opening without it.`);
  }
  const inForce = await rulesInForce(await openClient(common));
  const { table } = opening;
  const columns = statementColumns(inForce.rules, table.columns);
  const part = opening.file?.part ?? null;
  const taken = await namingFile(file, () =>
    takeSample({ path: file, table, part, columns }, sizesInForce(inForce)),
  );
  const whole = { ...given, sample: sampleJson(taken.opening) };
  await writeNew(flags.writeOpening, `${JSON.stringify(whole)}\n`, 0o600);
  const { size, fileRows, leftOut, listed } = taken;
  const { rules } = inForce;
  if (common.json) printJson({ sample: listed, k: size.k, fileRows, leftOut });
  else {
    print(
      fields({
        'rows of the file': fileRows,
        'left out': `${leftOut} with a missing quasi-identifier`,
        'rule pack': `${rules.id} ${rules.version}, machine version ${inForce.machineVersion}`,
        'asks for': `${size.rows} rows, k ${size.k}: circuit ${size.circuitId}`,
        'sample of the draft': JSON.stringify(listed),
        'opening, to be kept secret': flags.writeOpening,
      }),
    );
  }
}
