/** Of identifiers that clients make: lower-case letters, digits and dashes, 3 to 64. */
export const identifierForm = /^[a-z0-9][a-z0-9-]{2,63}$/;

export const isIdentifier = (text: string): boolean => identifierForm.test(text);
