/** A chain as a release of before governance runs it, as today's does, and what both are asked. */
import { success } from '../../src/base/result.ts';
import { defineOperation, type Room } from '../../src/base/room.ts';
import { identifier, record } from '../../src/base/schema.ts';
import { engineResults } from '../../src/chain/engine/results.ts';
import type { MachineParts } from '../../src/chain/machine/parts.ts';
import { makeRegistry } from '../../src/chain/machine/registry.ts';
import { txResults } from '../../src/chain/tx/results.ts';
import { approve } from '../../src/governance/decide.ts';
import { propose } from '../../src/governance/propose.ts';
import { governanceRoom } from '../../src/governance/room.ts';
import { identityRoom } from '../../src/identity/room.ts';
import { probeRecord, probeRoom } from './probe-room.ts';
import { operationOf, testParts } from './test-chain.ts';

/** Writes by which version of the rules it is executed: the rule that changes with each. */
export const tell = defineOperation({
  number: 910,
  name: 'probe.tell',
  title: 'Note the version of the rules',
  command: record({ id: identifier() }),
  roles: [],
  apply(context, { id }) {
    const { height, timeMs: changedAtMs, machineVersion } = context;
    const note = `by version ${machineVersion}`;
    context.write(probeRecord, { id, note, by: null, height, changedAtMs }, 'probe.told');
    return success;
  },
});

/** There from version 2 on. */
export const whisper = defineOperation({
  ...tell,
  number: 911,
  name: 'probe.whisper',
  title: 'Note the version of the rules, from version 2 on',
  roles: ['OPERATOR'],
  since: 2,
});

const tellRoom: Room = {
  name: 'tell',
  records: [],
  operations: [tell],
  deadlines: [],
  results: {},
};

const rooms = [identityRoom, probeRoom, tellRoom];

/** As a release of before governance has them: it knows version 1, and no way to another. */
export const before: MachineParts = {
  ...testParts,
  registry: makeRegistry(rooms, txResults, engineResults),
  machineVersionMax: 1,
};

const whisperRoom: Room = { ...tellRoom, name: 'whisper', operations: [whisper] };

/** As this release has them. */
export const now: MachineParts = {
  ...testParts,
  registry: makeRegistry([...rooms, governanceRoom, whisperRoom], txResults, engineResults),
  machineVersionMax: 2,
};

/** A release that has governance and does not know version 2 yet. */
export const older: MachineParts = {
  ...now,
  registry: makeRegistry([...rooms, governanceRoom], txResults, engineResults),
  machineVersionMax: 1,
};

export const told = (id: string) => operationOf(tell, { id });
export const whispered = (id: string) => operationOf(whisper, { id });

export const raising = (proposalId: string, notBeforeHeight: number, value = 2) =>
  operationOf(propose, {
    ...{ proposalId, kind: 'MACHINE_VERSION', value, digest: null, notBeforeHeight },
    reason: 'Bounds of compute jobs',
  });

export const approving = (proposalId: string) => operationOf(approve, { proposalId });
