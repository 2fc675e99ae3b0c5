import type { FieldFault } from '../base/field-fault.ts';
import type { ResultCode } from '../base/result.ts';
import { flag, integer, list, record, text, Type, type Static } from '../base/schema.ts';
import { removalSchema, type RemovalView } from './content-removal.ts';
import type { FailingCheck } from './readiness.ts';
import { receiptSchema, type ReceiptView } from './receipt.ts';

export const problemType = 'application/problem+json';

/**
 * A field of the body, by JSON pointer, or `/name` of a query parameter, header or part of the path; of an
 * envelope `/operations/0/command/…`, as its transaction shows it.
 */
const fieldErrorSchema = record({
  pointer: Type.String(),
  message: Type.String({ description: 'What was wrong, what belongs there, and an example' }),
  form: Type.Optional(Type.String({ description: 'What belongs there' })),
  example: Type.Optional(Type.Unsafe<unknown>({ description: 'A value that fits' })),
});

/** RFC 9457. Extension members: code, name, remedy, requestId and, where they apply, the others. */
export const problemSchema = Type.Object(
  {
    type: Type.String({ format: 'uri-reference', description: 'Where the problem is explained' }),
    title: text(400),
    status: integer(400, 599),
    detail: Type.String(),
    instance: Type.String({ format: 'uri-reference', description: 'The path that was asked for' }),
    code: integer(1, 9999, 'Number of the result code: stable for ever'),
    name: Type.String({ pattern: '^[A-Z][A-Z0-9_]*$' }),
    remedy: text(400, 'What to do now'),
    requestId: Type.String({ description: 'The request in the operator’s logs' }),
    errors: Type.Optional(list(fieldErrorSchema, 1, 100)),
    receipt: Type.Optional(receiptSchema),
    removal: Type.Optional(removalSchema),
    mayStandInABlock: Type.Optional(
      flag(
        'Of an envelope that was not answered with a receipt. False: no block holds it or ever will, ' +
          'so its operations may be signed anew. True: it may stand in a block, or come into one: ' +
          'send the same bytes again.',
      ),
    ),
    checks: Type.Optional(list(record({ name: Type.String(), detail: Type.String() }), 1, 100)),
  },
  { additionalProperties: false, title: 'Problem (RFC 9457)' },
);
export type ProblemView = Static<typeof problemSchema>;

export interface ProblemExtras {
  readonly errors?: readonly FieldFault[];
  /** Of the envelope that the problem is about, where it stands in a block. */
  readonly receipt?: ReceiptView;
  /** Of the content that was asked for. */
  readonly removal?: RemovalView;
  /** Of an envelope without receipt: false where no block holds it or ever will. */
  readonly mayStandInABlock?: boolean;
  /** What keeps the node from serving. */
  readonly checks?: readonly FailingCheck[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer that is a problem document; thrown by handlers and sent by the app. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly result: ResultCode;
  readonly detail: string;
  readonly extras: ProblemExtras;

  constructor(result: ResultCode, detail: string, extras: ProblemExtras = {}) {
    super(`${result.name}: ${detail}`);
    this.result = result;
    this.detail = detail;
    this.extras = extras;
  }

  /** The same with headers beside its own. */
  withHeaders(headers: Readonly<Record<string, string>>): Problem {
    const { result, detail, extras } = this;
    return new Problem(result, detail, { ...extras, headers: { ...extras.headers, ...headers } });
  }
}

export function problemView(problem: Problem, instance: string, requestId: string): ProblemView {
  const { result, detail, extras } = problem;
  return {
    type: `/docs/errors#${result.name}`,
    title: result.title,
    status: result.status,
    detail,
    instance,
    code: result.code,
    name: result.name,
    remedy: result.remedy,
    requestId,
    ...(extras.errors === undefined ? {} : { errors: extras.errors.slice(0, 100) }),
    ...(extras.receipt === undefined ? {} : { receipt: extras.receipt }),
    ...(extras.removal === undefined ? {} : { removal: extras.removal }),
    ...(extras.mayStandInABlock === undefined ? {} : { mayStandInABlock: extras.mayStandInABlock }),
    ...(extras.checks === undefined ? {} : { checks: [...extras.checks] }),
  };
}
