import {
  digest,
  fen,
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

export const valuationStates = ['SUBMITTED', 'CONFIRMED', 'CONTESTED', 'WITHDRAWN'] as const;
export type ValuationState = (typeof valuationStates)[number];

/** Methods that a valuation on the ledger may name; append-only. */
export const valuationMethods = ['COST', 'INCOME', 'MARKET'] as const;
export type ValuationMethod = (typeof valuationMethods)[number];

/** Organisations that one valuation names; each states one result at most. */
export const holdersMax = 16;

const valuationFacts = {
  /** What is valued: a listing's id. */
  subjectId: identifier('Listing that is valued'),
  subjectRevision: integer(1, 1_000_000, 'Its revision'),
  method: oneOf(valuationMethods),
  methodVersion: integer(1, 1000),
  inputsCommitment: digest('Salted commitment to method, version and inputs'),
  resultFen: fen('Result of the method, fen, before VAT'),
  /** The appraiser gave them the inputs. Another set of them is another valuation. */
  holders: list(
    identifier('Organisation that has the inputs, and may confirm or contest'),
    1,
    holdersMax,
  ),
};

export const valuationSchema = record({
  id: identifier(),
  state: oneOf(valuationStates),
  ...valuationFacts,
  appraiser: identifier('Organisation'),
  /** Results of others who ran the method again, oldest first. */
  confirmations: list(
    record({
      organisationId: identifier(),
      resultFen: fen('Its own result, fen'),
      atMs: timeMs(),
    }),
    0,
    holdersMax,
  ),
  submittedAtMs: timeMs(),
  withdrawalReason: nullable(text(400)),
});
export type Valuation = Static<typeof valuationSchema>;

export const submitValuationCommand = record({ valuationId: identifier(), ...valuationFacts });

export const confirmValuationCommand = record({
  valuationId: identifier(),
  resultFen: fen('What the confirming party got by running the method itself, fen'),
});

export const withdrawValuationCommand = record({ valuationId: identifier(), reason: text(400) });
