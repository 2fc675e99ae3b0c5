import { InvalidArgumentError } from 'commander';

/** Commander's parsers of option values: they throw InvalidArgumentError. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (/^[0-9]{1,16}$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('It takes a whole number.');
}

/** Collects repeated numbers. */
export const wholeNumbers = (text: string, before: readonly number[] = []): number[] => [
  ...before,
  wholeNumber(text),
];

export function portNumber(text: string): number {
  const value = wholeNumber(text);
  if (value <= 65_535) return value;
  throw new InvalidArgumentError('It takes a port from 0 to 65535.');
}

/** Collects repeated `name=value`. */
export function nameAndValue(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const at = text.indexOf('=');
  if (at > 0) return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
  throw new InvalidArgumentError('It takes field=value.');
}
