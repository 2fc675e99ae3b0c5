/** Problems of fields that are not there, or do not belong there. */
export const unknownField = 'unknown field';
export const missingField = 'missing field';

/** A value that does not fit its schema; `path` is a JSON pointer to the offending field. */
export class CodecError extends Error {
  override readonly name = 'CodecError';
  readonly path: string;
  readonly problem: string;

  constructor(path: string, problem: string) {
    super(`${path === '' ? '/' : path}: ${problem}`);
    this.problem = problem;
    this.path = path;
  }

  /** The same problem in a value that holds the offending one at `name`. */
  below(name: string | number): CodecError {
    return new CodecError(`/${name}${this.path}`, this.problem);
  }
}
