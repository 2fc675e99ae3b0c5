import { expect } from 'chai';
import { fromHex } from '../../src/base/bytes.ts';
import { returnForFix } from '../../src/rights/accept.ts';
import { tableRoot } from '../../src/data/fingerprint/fingerprint.ts';
import { rightsResults } from '../../src/rights/results.ts';
import { stateTable } from '../../src/rights/state-table.ts';
import { isTableOf, registeredTableRecord } from '../../src/rights/state.ts';
import { resubmit, submit } from '../../src/rights/submit.ts';
import { digestOf, facts, registrationId, rightsLedger } from './fixture.ts';

const command = { registrationId, header: digestOf('c'), description: digestOf('d') };

/** With an application that was submitted. */
function applied(changed: Partial<typeof facts> = {}) {
  const rights = rightsLedger();
  rights.ledger.machineVersion = 2;
  rights.ledger.accept(submit, rights.seller, { registrationId, ...facts, ...changed });
  const { ledger, seller, registrar } = rights;
  return {
    ...{ ledger, seller, registrar },
    registration: () => rights.registration(),
    table: () => ledger.get(registeredTableRecord, registrationId),
  };
}

describe('the table of an application (fingerprint, version 2)', () => {
  it('has R over what the application holds and the names of columns', () => {
    const { ledger, seller, table, registration } = applied();
    ledger.accept(stateTable, seller, command);
    const { rows, columns, rowsRoot, contentCommitment } = facts.fingerprint;
    const shape = { rows, columns, header: command.header };
    expect(table()).to.deep.include({
      ...{ ...shape, rowsRoot, version: 2, bareCommitment: contentCommitment },
      root: tableRoot(shape, fromHex(rowsRoot)),
      ...{ description: command.description, applicant: 'seller-a' },
    });
    expect(isTableOf(table(), registration())).to.equal(true);
  });

  it('is stated anew as long as nobody has accepted it', () => {
    const { ledger, seller, table } = applied();
    ledger.accept(stateTable, seller, command);
    const first = table();
    ledger.accept(stateTable, seller, { ...command, header: digestOf('e') });
    expect(table().root).not.to.equal(first.root);
  });

  it('is not of what was resubmitted with another fingerprint, until it is stated for that', () => {
    const { ledger, seller, registrar, table, registration } = applied();
    ledger.accept(stateTable, seller, command);
    ledger.accept(returnForFix, registrar, { registrationId, reason: 'Another file' });
    const fingerprint = { ...facts.fingerprint, rowsRoot: digestOf('f') };
    ledger.accept(resubmit, seller, { registrationId, ...facts, fingerprint });
    expect(isTableOf(table(), registration())).to.equal(false);
    ledger.accept(stateTable, seller, command);
    expect(isTableOf(table(), registration())).to.equal(true);
  });

  it('is refused to others, for what is no table, and for what is not there', () => {
    const { ledger } = applied();
    const other = ledger.admit('seller-b', ['SELLER']);
    ledger.refuse(rightsResults.RIGHTS_NOT_PARTY, stateTable, other, command);
    const texts = applied({ form: 'TEXT' });
    texts.ledger.refuse(rightsResults.RIGHTS_NO_TABLE, stateTable, texts.seller, command);
    const none = rightsLedger();
    none.ledger.refuse(rightsResults.RIGHTS_NOT_FOUND, stateTable, none.seller, command);
  });
});
