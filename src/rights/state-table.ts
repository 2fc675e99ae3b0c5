import { fromHex } from '../base/bytes.ts';
import { sinceMachineVersion } from '../base/machine-version.ts';
import { refuse, success } from '../base/result.ts';
import { defineOperation } from '../base/room.ts';
import { tableRoot } from '../data/fingerprint/fingerprint.ts';
import { rightsResults } from './results.ts';
import { stateTableCommand } from './schema.ts';
import { registeredTableRecord } from './state.ts';
import { findForApplicant } from './write.ts';

/**
 * The applicant states that the application's fingerprint is of version 2: names of columns and the
 * description join what is registered, and R is computed here over all of it.
 */
export const stateTable = defineOperation({
  number: 214,
  name: 'rights.state-table',
  title: 'State the table that an application is of',
  command: stateTableCommand,
  roles: ['SELLER'],
  since: sinceMachineVersion.statedTables,
  apply(context, { registrationId, header, description }) {
    const found = findForApplicant(context, 'rights.state-table', registrationId);
    if (!found.ok) return found;
    const { applicant, form, fingerprint } = found.value;
    if (form !== 'TABLE') {
      return refuse(rightsResults.RIGHTS_NO_TABLE, `Registration ${registrationId} is ${form}.`);
    }
    const { rows, columns, rowsRoot, contentCommitment } = fingerprint;
    const root = tableRoot({ rows, columns, header }, fromHex(rowsRoot));
    const before = context.read(registeredTableRecord, registrationId);
    context.write(
      registeredTableRecord,
      {
        ...{ id: registrationId, version: 2, applicant, rows, columns, header, rowsRoot, root },
        ...{ bareCommitment: contentCommitment, description, statedAtMs: context.timeMs },
      },
      before ? 'rights.table-restated' : 'rights.table-stated',
    );
    return success;
  },
});
