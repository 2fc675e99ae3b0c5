import {
  digest,
  identifier,
  integer,
  list,
  nullable,
  oneOf,
  record,
  text,
  timeMs,
  type Static,
} from '../base/schema.ts';

/** What can be decided; append-only. */
export const proposalKinds = ['MACHINE_VERSION'] as const;
export type ProposalKind = (typeof proposalKinds)[number];

export const proposalStates = ['PROPOSED', 'ADOPTED', 'REJECTED', 'WITHDRAWN', 'LAPSED'] as const;
export type ProposalState = (typeof proposalStates)[number];

const height = (description: string) => integer(0, Number.MAX_SAFE_INTEGER, description);

const facts = {
  kind: oneOf(proposalKinds, 'What is decided'),
  value: nullable(integer(0, Number.MAX_SAFE_INTEGER, 'MACHINE_VERSION: the version to raise to')),
  digest: nullable(digest('Of what is decided, for kinds of which that is a document; else null')),
  notBeforeHeight: height('The first height at which it may take effect'),
  reason: text(400, 'Why, and where the change is described'),
};

export const proposalSchema = record({
  id: identifier(),
  state: oneOf(proposalStates),
  ...facts,
  proposedBy: identifier('Organisation'),
  proposedAtHeight: height('Height of the proposal'),
  proposedAtMs: timeMs(),
  publicUntilMs: timeMs('Until when it can be objected to where no regulator has its seat'),
  approvals: list(record({ organisationId: identifier(), atMs: timeMs() }), 0, 16),
  decidedBy: nullable(oneOf(['APPROVAL', 'PUBLICITY'])),
  fromHeight: nullable(height('Height at which it takes effect, once adopted')),
  refusal: nullable(text(400, 'Why it was rejected or withdrawn')),
  changedAtMs: timeMs(),
});
export type Proposal = Static<typeof proposalSchema>;

/** By which rules the machine executes blocks, from a height on. */
export const machineVersionSchema = record({
  id: identifier('version-2 and so on'),
  version: integer(2, 1_000_000, 'Of the rules of the machine'),
  fromHeight: height('The first block that is executed by it'),
  proposalId: identifier('By which it was decided on; genesis where the chain began with it'),
  adoptedAtMs: timeMs(),
});
export type MachineVersion = Static<typeof machineVersionSchema>;

/** That the chain has a regulator: from then on nothing takes effect by its silence. */
export const regulatorSeatSchema = record({
  id: identifier('Always regulator'),
  organisationId: identifier('Whose key took the seat'),
  takenAtHeight: height('Since when'),
  takenAtMs: timeMs(),
});

export const proposeCommand = record({ proposalId: identifier(), ...facts });
export const proposalCommand = record({ proposalId: identifier() });
export const proposalReasonCommand = record({ proposalId: identifier(), reason: text(400) });
export const takeSeatCommand = record({ reason: text(400) });
