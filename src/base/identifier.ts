/** Identifiers that clients make: lower-case letters, digits and dashes, 3 to `charactersMax`. */
export const identifierPattern = (charactersMax: number): string =>
  `^[a-z0-9][a-z0-9-]{2,${charactersMax - 1}}$`;

export const identifierForm = new RegExp(identifierPattern(64));

export const isIdentifier = (text: string): boolean => identifierForm.test(text);
