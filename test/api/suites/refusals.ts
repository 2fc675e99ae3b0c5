/** How refusals of the ledger are told to whom submitted: the field at fault, and times in the exchange's zone. */
import { expect } from 'chai';
import type { CborValue } from '../../../src/base/cbor.ts';
import { fieldForm } from '../../../src/base/field-form.ts';
import { refuse, successWith } from '../../../src/base/result.ts';
import type { Engine } from '../../../src/chain/engine/engine.ts';
import { txResults } from '../../../src/chain/tx/results.ts';
import { suspend } from '../../../src/identity/change-standing.ts';
import { identityResults } from '../../../src/identity/results.ts';
import { admission, idOf, keyOf, operator, sign } from '../exchange.ts';
import { envelope, type Suite } from '../suite.ts';
import { batch } from './batch.ts';

export function refusalSuite(suite: Suite): void {
  describe('a command that does not fit its schema', () => {
    const malformed = (bytes: Uint8Array) =>
      suite.refused(txResults.OPERATION_MALFORMED, 'submitTransaction', envelope(bytes));

    it('is answered with field, form and example', async () => {
      const bytes = sign(suite.exchange, operator, [
        { number: suspend.number, command: ['x', 1n] },
      ]);
      const { json } = await malformed(bytes);
      const [field, ...others] = json.errors;
      expect(others).to.deep.equal([]);
      expect(field.pointer).to.equal('/operations/0/command/organisationId');
      expect(field.message).to.match(/^"x" is not .*, for example "/);
      expect(field).to.include(fieldForm(suspend.command.properties.organisationId));
    });

    it('is told by a field further in, and by the fields that it lacks', async () => {
      const { number, command } = admission('org-y', keyOf('org-y'));
      const fields = command as readonly CborValue[];
      const rows: [readonly CborValue[], string, RegExp][] = [
        [[...fields.slice(0, -1), 1n], '/possession', /^1 is not /],
        [fields.with(6, ['ADMIN', 'NOBODY']), '/roles/1', /^"NOBODY" is not one of /],
        [
          fields.slice(0, 1),
          '',
          /^has 1 fields where [0-9]+ belong: an object with organisationId/,
        ],
      ];
      for (const [wrong, pointer, message] of rows) {
        const bytes = sign(suite.exchange, operator, [
          { number: suspend.number, command: ['some-organisation', 'for a reason'] },
          { number, command: wrong },
        ]);
        const { json } = await malformed(bytes);
        expect(json.errors[0].pointer).to.equal(`/operations/1/command${pointer}`);
        expect(json.errors[0].message).to.match(message);
        expect(json.errors[0]).to.have.property('example');
      }
    });

    it('is told so in a batch', async () => {
      const bytes = sign(suite.exchange, operator, [
        { number: suspend.number, command: ['x', 1n] },
      ]);
      const answer = await suite.client.call('submitTransactions', batch([bytes, bytes]));
      const { problem } = answer.json.outcomes[0];
      expect(problem.errors[0].pointer).to.equal('/operations/0/command/organisationId');
    });
  });

  it('tells moments of a refusal in the exchange’s zone, before a block and in one', async () => {
    const { engine } = suite.exchange.parts;
    const detail = 'Listing l-1: valid until 1772692200000 ms.';
    const shown = 'Listing l-1: valid until 2026-03-05 14:30:00 UTC+08:00.';
    const result = identityResults.ORGANISATION_EXISTS;
    const bytes = sign(suite.exchange, operator, [admission('org-timed', keyOf('org-timed'))]);
    const place = { height: 7, position: 0, timeMs: 1, failedOperation: null, logIndex: 3 };
    const receipt = { ...place, envelopeId: idOf(bytes), resultCode: result.code, detail };
    const outcomes = [refuse(result, detail), successWith({ ...receipt, appHash: idOf(bytes) })];
    for (const outcome of outcomes) {
      const told: Engine = Object.assign(Object.create(engine) as Engine, {
        status: () => engine.status(),
        submit: async () => outcome,
      });
      const client = await suite.clientOf({ engine: told });
      const { json } = await client.call('submitTransaction', envelope(bytes));
      expect(json.detail).to.equal(shown);
      if (outcome.ok) expect(json.receipt).to.include({ detail: shown, timeMs: 1 });
    }
  });
}
