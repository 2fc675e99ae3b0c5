import type { ProposalState } from './schema.ts';

/** Steps of a proposal; `publicity-over` is its deadline's. */
export const proposalVerbs = ['approve', 'reject', 'withdraw', 'publicity-over'] as const;
export type ProposalVerb = (typeof proposalVerbs)[number];

type Steps = Readonly<Partial<Record<ProposalVerb, readonly ProposalState[]>>>;

/** What is decided stays: a chain that took a decision back would have two answers for one height. */
export const proposalTransitions: Readonly<Record<ProposalState, Steps>> = {
  PROPOSED: {
    approve: ['ADOPTED'],
    reject: ['REJECTED'],
    withdraw: ['WITHDRAWN'],
    // With a regulator it goes on waiting for its word.
    'publicity-over': ['ADOPTED', 'LAPSED', 'PROPOSED'],
  },
  ADOPTED: {},
  REJECTED: {},
  WITHDRAWN: {},
  LAPSED: {},
};
