/** Where a text stops being JSON (RFC 8259), and what is wrong there in words. */

export interface JsonFault {
  /** Index of the character at which it shows. */
  readonly at: number;
  readonly problem: string;
}

/** null for JSON in which no object has one name twice. */
export function findJsonFault(text: string): JsonFault | null {
  const scan: Scan = { text, at: 0, due: value, open: [], names: [] };
  try {
    do scan.due(scan);
    while (scan.open.length > 0);
    skipSpace(scan);
    if (scan.at < text.length) stop(scan, 'there is something after the end of the value');
    return null;
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    return error.fault;
  }
}

interface Scan {
  readonly text: string;
  at: number;
  /** What is looked for at it: each step names the next, so that no nesting is too deep. */
  due: (scan: Scan) => void;
  /** What is open around the present place, outermost first. */
  readonly open: ('[' | '{')[];
  /** Names seen so far, of each object that is open. */
  readonly names: Set<string>[];
}

class Stop extends Error {
  readonly fault: JsonFault;
  constructor(fault: JsonFault) {
    super(fault.problem);
    this.fault = fault;
  }
}

function stop({ at }: Scan, problem: string, where = at): never {
  throw new Stop({ at: where, problem });
}

function skipSpace(scan: Scan): string {
  while (' \t\n\r'.includes(scan.text[scan.at] ?? '?')) scan.at += 1;
  const next = scan.text[scan.at] ?? '';
  if (next === '/' || next === '#') stop(scan, 'JSON has no comments');
  return next;
}

/** Of a list or an object the beginning. */
function value(scan: Scan): void {
  const next = skipSpace(scan);
  scan.due = afterValue;
  if (next === '"') return void string(scan);
  if (next === '[' || next === '{') return opened(scan, next);
  for (const word of ['true', 'false', 'null']) {
    if (scan.text.startsWith(word, scan.at)) return void (scan.at += word.length);
  }
  if (/[-0-9.+]/.test(next)) return number(scan);
  if (next === '') stop(scan, 'the text ends where a value is missing');
  if (next === "'" || /[\u2018-\u201f\u300c-\u300f\uff02]/.test(next)) stop(scan, quotes);
  if (next === ']' || next === '}') stop(scan, `a value is missing before ${next}`);
  stop(scan, 'a value begins with ", [, {, a digit, -, true, false or null');
}

const quotes = 'text and names stand in straight double quotes, "';

function opened(scan: Scan, kind: '[' | '{'): void {
  scan.at += 1;
  scan.open.push(kind);
  if (kind === '{') scan.names.push(new Set());
  scan.due = skipSpace(scan) === endOf(kind) ? closed : kind === '{' ? member : value;
}

const endOf = (kind: '[' | '{'): string => (kind === '[' ? ']' : '}');

function closed(scan: Scan): void {
  scan.at += 1;
  scan.due = afterValue;
  if (scan.open.pop() === '{') scan.names.pop();
}

function member(scan: Scan): void {
  const next = skipSpace(scan);
  const start = scan.at;
  if (next === '}') stop(scan, 'there is a comma before }');
  if (next !== '"') stop(scan, next === '' ? 'the text ends within an object' : quotes);
  const name = string(scan);
  const seen = scan.names.at(-1);
  const read = JSON.parse(name) as string;
  if (seen?.has(read)) stop(scan, `the name ${name} stands twice in one object`, start);
  seen?.add(read);
  if (skipSpace(scan) !== ':') stop(scan, `a colon is missing after ${name}`);
  scan.at += 1;
  scan.due = value;
}

function afterValue(scan: Scan): void {
  const kind = scan.open.at(-1) ?? '[';
  const next = skipSpace(scan);
  scan.due = kind === '{' ? member : value;
  if (next === endOf(kind)) return closed(scan);
  if (next === '') stop(scan, `the text ends before ${endOf(kind)}`);
  if (next !== ',') stop(scan, `a comma or ${endOf(kind)} is missing here`);
  scan.at += 1;
  if (kind === '[' && skipSpace(scan) === ']') stop(scan, 'there is a comma before ]');
}

const escapes = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

function string(scan: Scan): string {
  const start = scan.at;
  for (scan.at += 1; ;) {
    const next = scan.text[scan.at] ?? '';
    if (next === '"') break;
    if (next === '' || next === '\n' || next === '\r') {
      stop(scan, 'this text is not closed with "', start);
    }
    if (next < ' ') stop(scan, 'a control character in text is written \\u00XX');
    if (next !== '\\') scan.at += 1;
    else {
      escapes.lastIndex = scan.at;
      const found = escapes.exec(scan.text);
      if (!found) stop(scan, 'a backslash in text is written \\\\');
      scan.at += found[0].length;
    }
  }
  scan.at += 1;
  return scan.text.slice(start, scan.at);
}

const numbers = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

function number(scan: Scan): void {
  numbers.lastIndex = scan.at;
  const found = numbers.exec(scan.text);
  const end = scan.at + (found?.[0].length ?? 0);
  if (!found || /[0-9.+\-_a-zA-Z]/.test(scan.text[end] ?? '')) {
    stop(scan, 'a number is written 12, -12 or 1.2: no 0 before it, no + and no other signs');
  }
  scan.at = end;
}
