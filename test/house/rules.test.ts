import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { projectRoot as root, sourceFiles } from '../support/source-files.ts';

const read = (path: string): string => readFileSync(resolve(root, path), 'utf8');

/** Numbers that a text quotes: `M-20`, and both ends of `M-20 to M-29` with what lies between. */
function quotedIn(text: string): { single: number[]; between: number[] } {
  const single: number[] = [];
  const between: number[] = [];
  for (const [, first, last] of text.matchAll(/\bM-(\d{2,3})(?: to M-(\d{2,3}))?/g)) {
    single.push(Number(first));
    if (last === undefined) continue;
    single.push(Number(last));
    for (let at = Number(first) + 1; at < Number(last); at += 1) between.push(at);
  }
  return { single, between };
}

const rulesOf = (page: string): number[] =>
  [...page.matchAll(/\*\*M-(\d{2,3})\*\*/g)].map(([, number]) => Number(number));

const code = (): string[] =>
  sourceFiles(['src', 'test'])
    .filter((path) => path.endsWith('.ts') && path !== 'test/house/rules.test.ts')
    .map(read);

/** Numbers that are quoted and not on the page, and that are on the page and not quoted. */
function strays(page: string, texts: readonly string[]) {
  const rules = new Set(rulesOf(page));
  const quotes = texts.map(quotedIn);
  const single = new Set(quotes.flatMap((quote) => quote.single));
  const all = new Set([...single, ...quotes.flatMap((quote) => quote.between)]);
  return {
    unknown: [...single].filter((number) => !rules.has(number)),
    unquoted: [...rules].filter((number) => !all.has(number)),
  };
}

describe('the rules of docs/chain.md', () => {
  it('are quoted by the code, each of them, and the code quotes no other', () => {
    expect(strays(read('docs/chain.md'), code())).to.deep.equal({ unknown: [], unquoted: [] });
  });

  it('are numbered once', () => {
    const rules = rulesOf(read('docs/chain.md')).filter((number) => number !== 25);
    expect(new Set(rules).size).to.equal(rules.length);
  });

  it('are missed where a number is wrong, or a rule has no quote', () => {
    const page = '- **M-10** one\n- **M-11** two\n- **M-12** three\n- **M-90** four';
    expect(strays(page, ['M-10 to M-12', 'see M-91'])).to.deep.equal({
      unknown: [91],
      unquoted: [90],
    });
  });
});
