import { InvalidArgumentError } from 'commander';
import { isIdentifier } from '../base/identifier.ts';

/**
 * Commander's parsers of option values: they throw InvalidArgumentError, to which commander adds the
 * option and the value. A number has one spelling: plain decimal digits.
 */
export const wholeNumber = (text: string): number =>
  numberWithin(text, 0, Number.MAX_SAFE_INTEGER, 'a whole number in plain digits, for example 30');

function numberWithin(text: string, least: number, most: number, form: string): number {
  const value = Number(text);
  if (/^(0|[1-9][0-9]{0,15})$/.test(text) && value >= least && value <= most) return value;
  throw new InvalidArgumentError(`It takes ${form}.`);
}

/** A parser of whole numbers from `least` to `most`. */
export const numberFrom =
  (least: number, most: number) =>
  (text: string): number =>
    numberWithin(text, least, most, `a whole number from ${least} to ${most}, for example ${most}`);

/** Collects repeated numbers. */
export const wholeNumbers = (text: string, before: readonly number[] = []): number[] => [
  ...before,
  wholeNumber(text),
];

export const portNumber = (text: string): number =>
  numberWithin(text, 0, 65_535, 'a port from 0 to 65535, for example 8080');

/** Collects repeated `name=value`. */
export function nameAndValue(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const at = text.indexOf('=');
  if (at > 0) return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
  throw new InvalidArgumentError('It takes field=value, for example buyer=plover.');
}

export function digestArgument(text: string): string {
  if (/^[0-9a-f]{64}$/.test(text)) return text;
  throw new InvalidArgumentError(
    `It takes 64 digits of lower-case hex, for example ${'e3b0c442'.repeat(8)}.`,
  );
}

export function identifierArgument(text: string): string {
  if (isIdentifier(text)) return text;
  throw new InvalidArgumentError(
    'It takes 3 to 64 lower-case letters, digits and dashes, of which the first is no dash, for ' +
      'example skylark.',
  );
}

export function countryArgument(text: string): string {
  if (/^[A-Z]{2}$/.test(text)) return text;
  throw new InvalidArgumentError('It takes a country code of two capital letters, for example CN.');
}

export function addressArgument(text: string): string {
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError(
    'It takes an http or https address, for example https://exchange.example.',
  );
}
