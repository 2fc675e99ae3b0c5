/** What commands of `dxl key` print, and write for the operator to submit. */
import type { Party } from '../client/party.ts';
import { isIdentifier } from '../base/identifier.ts';
import { usageError } from './exit.ts';
import type { Common } from './options.ts';
import { fields, print, printJson, remark } from './output.ts';

/** The identifier that is given, else that of the key file. */
export function organisationOf(
  { organisationId }: Pick<Party, 'organisationId'>,
  given: string | undefined,
): string {
  const id = given ?? organisationId;
  if (id === null) throw usageError('Name the organisation: --organisation <id>.');
  checkOrganisation(id);
  return id;
}

export function checkOrganisation(id: string | undefined): void {
  if (id === undefined || isIdentifier(id)) return;
  throw usageError(`An organisation’s identifier is a-z, 0-9 and -, 3 to 64 of them; not ${id}.`);
}

/** The public part of an open key file. */
export function showParty({ json }: Pick<Common, 'json'>, file: string, party: Party): void {
  const { organisationId, encryptionKey } = party;
  const { keyId, publicKey } = party.signingKey;
  const shown = { file, organisationId, keyId, publicKey, encryptionKey };
  if (json) printJson(shown);
  else print(fields(shown));
}

/** To a new file, with what to do with it; else to standard output. */
export async function writeRequest(
  text: string,
  out: string | undefined,
  advice: string,
): Promise<void> {
  if (out === undefined) {
    print(text);
    return;
  }
  const { writeNew } = await import('./write-new.ts');
  await writeNew(out, text, 0o644);
  remark(advice);
}
