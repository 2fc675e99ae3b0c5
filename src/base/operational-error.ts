/**
 * A failure of the surroundings (disk, network, database, child process), thrown by shell rooms
 * only. The machine and the domain rooms never throw it.
 */
export class OperationalError extends Error {
  override readonly name = 'OperationalError';
  /** SCREAMING_SNAKE_CASE, stable, for programs. */
  readonly code: string;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
