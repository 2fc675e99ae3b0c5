import type { Receipt } from './views.ts';

/** The members of an RFC 9457 problem document that programs decide by. */
export interface ProblemDocument {
  readonly status: number;
  /** Number and name of the result code: stable for ever. */
  readonly code: number;
  readonly name: string;
  readonly title: string;
  readonly detail: string;
  readonly remedy: string;
  readonly requestId?: string;
  readonly errors?: readonly { readonly pointer: string; readonly message: string }[];
  /** Where the envelope stands in a block all the same: its sequence number is used up. */
  readonly receipt?: Receipt;
  /** False: no block holds the envelope or ever will. True, or not told: one may. */
  readonly mayStandInABlock?: boolean;
}

/** The exchange's refusal, in its own words. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: ProblemDocument;

  constructor(problem: ProblemDocument) {
    super(`${problem.name}: ${problem.title} ${problem.detail}`.trim());
    this.problem = problem;
  }

  get code(): number {
    return this.problem.code;
  }

  get resultName(): string {
    return this.problem.name;
  }
}

/** True where `error` is the exchange's refusal by one of these names. */
export const isRefusal = (error: unknown, ...names: readonly string[]): error is ProblemError =>
  error instanceof ProblemError && names.includes(error.resultName);

export function isProblemDocument(body: unknown): body is ProblemDocument {
  if (typeof body !== 'object' || body === null) return false;
  const { code, name, title, status } = body as Partial<Record<keyof ProblemDocument, unknown>>;
  return (
    typeof code === 'number' &&
    typeof name === 'string' &&
    typeof title === 'string' &&
    typeof status === 'number'
  );
}
