import { defineResults } from '../base/result.ts';

export const governanceResults = defineResults({
  PROPOSAL_EXISTS: [8000, 409, 'A proposal with this id was made before.', 'Choose another id.'],
  PROPOSAL_NOT_FOUND: [
    8001,
    404,
    'No proposal has this id.',
    'List /v1/proposals and correct the id.',
  ],
  PROPOSAL_STATE: [
    8002,
    409,
    'The proposal is decided already.',
    'Read the proposal; what is decided stays, and is changed by a new proposal only.',
  ],
  PROPOSAL_MALFORMED: [
    8003,
    422,
    'The proposal does not have what its kind needs.',
    'For MACHINE_VERSION give the version as value, and null as digest; other kinds have operations of their own.',
  ],
  PROPOSAL_TOO_FAR: [
    8004,
    422,
    'The proposal would take effect too far ahead.',
    'Name a height within the number of blocks that the detail names.',
  ],
  VERSION_NOT_NEXT: [
    8005,
    409,
    'The machine version is raised by one at a time.',
    'Propose the version that the detail names.',
  ],
  VERSION_NOT_KNOWN: [
    8006,
    422,
    'This program does not know the machine version that is proposed.',
    'Install a release that knows it on every node first; its CHANGELOG names its versions.',
  ],
  GOVERNOR_RELATED: [
    8007,
    403,
    'The regulator is related to who proposed.',
    'Have a regulator of another organisation and another beneficial owner decide.',
  ],
  REGULATOR_SEAT_TAKEN: [
    8008,
    409,
    'The chain has a regulator already.',
    'Nothing is left to do: every regulator of the chain may approve and reject.',
  ],
  RULES_UNFIT: [
    8009,
    422,
    'The rule pack or calendar year cannot follow on the one that holds.',
    'Correct the field that the detail names.',
  ],
  NOTICE_NOT_LACKING: [
    8010,
    409,
    'Nothing is to be confirmed of this year.',
    'Confirm a year that the calendar does not know, from 90 days before it on.',
  ],
});
