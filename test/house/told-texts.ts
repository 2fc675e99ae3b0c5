/** What src says to people: its texts, and what of the command line, settings and pages they name. */
import { readFileSync, readdirSync } from 'node:fs';
import type { Command } from 'commander';
import ts from 'typescript';

export interface Told {
  /** `src/cli/init.ts:12`. */
  readonly where: string;
  /** Pieces that are only known at run time as `…`. */
  readonly text: string;
  /** The code of an OperationalError; empty of a usage error; null of any other text. */
  readonly code: string | null;
}

const root = new URL('../../', import.meta.url);

/** Every text in src that is put together from literals: each once, as long as it stands there. */
export function toldTexts(): readonly Told[] {
  const names = readdirSync(new URL('src', root), { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `src/${name.replaceAll('\\', '/')}`)
    .flatMap((name) => textsOf(name, readFileSync(new URL(name, root), 'utf8')));
}

export function textsOf(name: string, source: string): Told[] {
  const file = ts.createSourceFile(name, source, ts.ScriptTarget.Latest, true);
  const found: Told[] = [];
  const visit = (node: ts.Node, code: string | null): void => {
    const text = ts.isExpression(node) ? textOf(node) : null;
    if (text !== null) {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart());
      found.push({ where: `${name}:${line + 1}`, text, code });
    }
    // Within a text only what is put into it may be one of its own.
    ts.forEachChild(node, (child) => {
      if (text === null || !isPiece(child)) visit(child, codeBelow(node, code));
    });
  };
  visit(file, null);
  return found;
}

const isPiece = (node: ts.Node): boolean =>
  ts.isBinaryExpression(node) || ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);

/** Errors that people read are made by these two; what stands in them is theirs. */
function codeBelow(node: ts.Node, code: string | null): string | null {
  const isMade = ts.isNewExpression(node) && node.expression.getText() === 'OperationalError';
  const [first] = isMade ? (node.arguments ?? []) : [];
  if (first) return textOf(first) ?? '';
  return ts.isCallExpression(node) && node.expression.getText() === 'usageError' ? '' : code;
}

/** null of an expression that is no text. */
function textOf(node: ts.Expression): string | null {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    return node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('');
  }
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) {
    return null;
  }
  const [left, right] = [textOf(node.left), textOf(node.right)];
  return left === null && right === null ? null : (left ?? '…') + (right ?? '…');
}

/** Settings that are read: names that stand in the code of config.ts, not in its comments. */
export const settingsOf = (texts: readonly Told[]): ReadonlySet<string> =>
  new Set(
    texts
      .filter(
        ({ where, text }) => where.startsWith('src/config.ts') && /^[A-Z]+(_[A-Z]+)*$/.test(text),
      )
      .map(({ text }) => text),
  );

/** What of `dxl`'s commands and flags a text names that the program does not have. */
export function absentCommands(text: string, program: Command): string[] {
  const called = text.matchAll(/(?:`|\$ |: |npx )dxl ([^`\n;()]*)/g);
  return [...called].flatMap(([, words = '']) => absentIn(words.trim().split(/\s+/), program));
}

function absentIn(words: readonly string[], program: Command): string[] {
  let command = program;
  const chain = [program];
  const absent: string[] = [];
  let isValue = false;
  for (const raw of words) {
    const word = raw.replace(/[.,:]+$/, '');
    if (word === '|' || word === '>') break;
    if (word.startsWith('--')) {
      const flag = /^--[a-z-]+/.exec(word)?.[0] ?? word;
      const option = chain.flatMap(({ options }) => options).find(({ long }) => long === flag);
      if (!option && flag !== '--help') absent.push(`dxl … ${flag}`);
      isValue = option?.required === true && !word.includes('=');
    } else if (isValue) isValue = false;
    else if (command.commands.length > 0) {
      const next = command.commands.find((one) => one.name() === word);
      if (!next) return /^[a-z]/.test(word) ? [...absent, `dxl … ${word}`] : absent;
      command = next;
      chain.push(next);
    }
  }
  return absent;
}

/** Flags that a text names outside of a command, and that no command has. */
export function absentFlags(text: string, program: Command): string[] {
  const all = new Set(
    commandsOf(program).flatMap(({ options }) => options.map(({ long }) => long)),
  );
  const others = /\b(npm|node|git) [^.,;:]*/g;
  const flags = text.replaceAll(others, '').match(/(?<![\w-])--[a-z][a-z-]*/g) ?? [];
  return flags.filter((flag) => !all.has(flag));
}

const commandsOf = (command: Command): Command[] => [
  command,
  ...command.commands.flatMap(commandsOf),
];
