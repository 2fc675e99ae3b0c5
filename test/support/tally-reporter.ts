import { reporters, type MochaOptions, type Runner } from 'mocha';
import { writeFileSync } from 'node:fs';

/**
 * Mocha's own `spec` report, and the counts as JSON in the file named by the reporter option
 * `output`, for programs that need numbers: `npm test -- --tally FILE`.
 */
export default class TallyReporter extends reporters.Spec {
  constructor(runner: Runner, options: MochaOptions) {
    super(runner, options);
    const { output } = (options.reporterOptions ?? {}) as { output?: string };
    if (output === undefined) throw new Error('give --reporter-option output=<file>');
    runner.once('end', () => {
      const { passes, failures, pending } = this.stats;
      writeFileSync(output, `${JSON.stringify({ passes, failures, pending })}\n`);
    });
  }
}
