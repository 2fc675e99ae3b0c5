import { expect } from 'chai';
import { toHex } from '../../../src/base/bytes.ts';
import { success } from '../../../src/base/result.ts';
import { roles, type Role } from '../../../src/base/roles.ts';
import type { Operation } from '../../../src/base/room.ts';
import { exchangeParts, registry } from '../../../src/chain/rooms.ts';
import type { Machine } from '../../../src/chain/machine/machine.ts';
import { addKey } from '../../../src/identity/add-key.ts';
import { possessionClaim } from '../../../src/identity/possession.ts';
import { brokenMoneyInvariants } from '../../../src/cli/money-audit.ts';
import { viewOf } from '../../support/state-view.ts';
import { admission, keyOf, namesOf, operationOf, sign, TestChain } from '../test-chain.ts';
import { testGenesis } from '../test-chain.ts';
import { approving, raising } from '../upgrade-chain.ts';
import { sampleOf } from './sample-command.ts';

const audit = (machine: Machine): void => {
  expect(brokenMoneyInvariants(viewOf(machine))).to.deep.equal([]);
};

/** For each role a key that holds this one alone, named `only-<role>`. */
function chainOfRoles(): TestChain {
  const parts = { ...exchangeParts, verifyProof: () => success };
  const parameters = { ...testGenesis().parameters, operationsMax: 16, envelopeBytesMax: 65_536 };
  const chain = new TestChain(testGenesis({ parameters }), parts, audit);
  const admissions = roles
    .filter((role) => role !== 'OPERATOR')
    .map((role) => admission(nameOf(role), [role]));
  const key = keyOf(nameOf('OPERATOR'));
  const operatorKey = operationOf(addKey, {
    publicKey: key.publicKey,
    roles: ['OPERATOR'],
    possession: toHex(key.sign(possessionClaim('dxl-test', 'operator', key.publicKey))),
  });
  expect(chain.run(sign([...admissions, operatorKey], { sequence: 1 }))).to.deep.equal(['OK']);
  // Some operations are there from a later version of the rules on.
  expect(chain.run(sign(raising('raise', 0), { sequence: 2 }))).to.deep.equal(['OK']);
  const regulator = keyOf(nameOf('REGULATOR'));
  const approved = chain.run(sign(approving('raise'), { key: regulator, sequence: 1 }));
  expect(approved).to.deep.equal(['OK']);
  return chain;
}

const nameOf = (role: Role): string => `only-${role.toLowerCase()}`;

/** What a block with the operation alone would give; the machine stays as it is. */
function attempt(chain: TestChain, operation: Operation, role: Role) {
  const { machine } = chain;
  const command = operationOf(operation, sampleOf(operation.command) as never);
  const envelope = sign(command, { key: keyOf(nameOf(role)), sequence: 2 });
  const { height, timeMs } = machine.info();
  const block = machine.finalizeBlock({ height: height + 1, timeMs, envelopes: [envelope] });
  machine.abandon();
  return block;
}

describe('chain/machine: every operation × every role (M-28)', () => {
  const chain = chainOfRoles();

  it('knows all rooms', () => {
    expect(registry.operations.size).to.be.greaterThan(60);
    expect(registry.rooms.map(({ name }) => name)).to.include.members(['identity', 'trading']);
  });

  for (const operation of registry.operations.values()) {
    const wanted = operation.roles.length === 0 ? 'any key' : operation.roles.join(' or ');
    it(`${operation.name}: ${wanted}`, () => {
      for (const role of roles) {
        const may = operation.roles.length === 0 || operation.roles.includes(role);
        const block = attempt(chain, operation, role);
        const [name] = namesOf(block);
        expect(name, 'the sample fits the schema').to.not.equal('OPERATION_MALFORMED');
        if (may) {
          expect(name, `as ${role}`).to.not.equal('ROLE_MISSING');
          continue;
        }
        expect(name, `as ${role}`).to.equal('ROLE_MISSING');
        expect(block.changes).to.deep.equal([]);
        expect(block.leaves).to.have.length(1);
      }
    });
  }

  it('holds over an empty exchange: the money invariants', () => {
    expect(chain.block([]).results).to.deep.equal([]);
  });
});
