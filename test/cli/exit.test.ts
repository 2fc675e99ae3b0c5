import { expect } from 'chai';
import { OperationalError } from '../../src/base/operational-error.ts';
import { describeError } from '../../src/cli/exit.ts';
import { ProblemError } from '../../src/client/problem-error.ts';

/** Clears the screen and writes what was not said. */
const hostile = '\u001b[2J\u009b31mHOLDS\r';

describe('an error in words', () => {
  const words = (error: unknown): string => describeError(error, { json: false, debug: false });

  it('shows what would steer a terminal, and does not obey it', () => {
    const problem = {
      ...{ status: 400, code: 7, name: hostile, title: hostile, detail: hostile },
      ...{ remedy: hostile, errors: [{ pointer: hostile, message: hostile }] },
    };
    const errors = [
      new ProblemError(problem),
      new OperationalError('WITNESS_REFUSED', `a witness answered: ${hostile}`),
      new Error(hostile),
    ];
    for (const error of errors) {
      const text = words(error);
      expect(text).to.include('\\u001b[2J');
      // eslint-disable-next-line no-control-regex -- they are what must not be there
      expect(text).not.to.match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    }
  });

  it('keeps its lines', () => {
    expect(words(new OperationalError('USAGE', 'one\ntwo'))).to.equal('USAGE\n  one\ntwo\n');
  });
});
