import { expect } from 'chai';
import fc from 'fast-check';
import { findJsonFault } from '../../src/base/json-fault.ts';

describe('the place where text stops being JSON', () => {
  const rows: readonly [text: string, at: number, problem: RegExp][] = [
    ['', 0, /ends where a value is missing/],
    ['{"a": 1,}', 8, /comma before }/],
    ['[1, 2,]', 6, /comma before ]/],
    ['{"a" 1}', 5, /colon is missing after "a"/],
    ['{"a": 1 "b": 2}', 8, /comma or } is missing/],
    ['[1 2]', 3, /comma or ] is missing/],
    ["{'a': 1}", 1, /straight double quotes/],
    ['{“a”: 1}', 1, /straight double quotes/],
    ['{"a": “b”}', 6, /straight double quotes/],
    ['{a: 1}', 1, /straight double quotes/],
    ['{"a": 1} x', 9, /after the end/],
    ['{"a": 1', 7, /ends before }/],
    ['{"a":', 5, /a value is missing/],
    ['{"a": }', 6, /a value is missing before }/],
    ['{', 1, /ends within an object/],
    ['{"a": "b', 6, /not closed/],
    ['"a\nb"', 0, /not closed/],
    ['"a\tb"', 2, /control character/],
    ['"a\\xb"', 2, /backslash/],
    ['05', 0, /a number is written/],
    ['+5', 0, /a number is written/],
    ['.5', 0, /a number is written/],
    ['5.', 0, /a number is written/],
    ['1_000', 0, /a number is written/],
    ['NaN', 0, /a value begins with/],
    ['True', 0, /a value begins with/],
    ['{"a": 1 // why\n}', 8, /no comments/],
    ['# why\n1', 0, /no comments/],
    ['{"a": 1, "a": 2}', 9, /the name "a" stands twice/],
    ['{"a": 1, "\\u0061": 2}', 9, /stands twice/],
    ['{"a": {"b": 1}, "b": [{"a": 1, "a": 1}]}', 31, /stands twice/],
  ];
  for (const [text, at, problem] of rows) {
    it(`${JSON.stringify(text)}: at ${at}`, () => {
      const fault = findJsonFault(text);
      expect(fault?.at).to.equal(at);
      expect(fault?.problem).to.match(problem);
    });
  }

  it('is nowhere in what JSON.stringify writes, with any white space', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('', ' ', '\t', 2), (value, space) => {
        expect(findJsonFault(JSON.stringify(value, null, space))).to.equal(null);
      }),
    );
  });

  const signs = Array.from('{}[]",:0-+e.tn \\x');

  it('is there for exactly the texts that JSON.parse refuses, and those with a name twice', () => {
    const damaged = fc.tuple(fc.jsonValue(), fc.nat(), fc.constantFrom(...signs));
    fc.assert(
      fc.property(damaged, ([value, place, sign]) => {
        const text = JSON.stringify(value);
        const at = place % (text.length + 1);
        const tried = text.slice(0, at) + sign + text.slice(at + 1);
        const fault = findJsonFault(tried);
        if (fault?.problem.includes('stands twice')) return;
        expect(fault === null).to.equal(parses(tried));
      }),
      { numRuns: 3000 },
    );
  });

  it('is found in nesting by the hundred thousand', () => {
    const depth = 100_000;
    expect(findJsonFault('['.repeat(depth))?.at).to.equal(depth);
    expect(findJsonFault(`${'['.repeat(depth)}${']'.repeat(depth)}`)).to.equal(null);
  });
});

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
