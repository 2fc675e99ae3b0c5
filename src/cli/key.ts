import { countryArgument, identifierArgument } from './arguments.ts';
import type { Command } from 'commander';
import type { OrganisationFacts } from '../client/admission.ts';
import { addRecoverCommand } from './key-recover.ts';
import { checkOrganisation, organisationOf, showParty, writeRequest } from './key-request.ts';
import { addRevokeCommand } from './key-revoke.ts';
import { addRotateCommand } from './key-rotate.ts';
import { readCommon, withCommon } from './options.ts';
import { fields, print, printJson, remark } from './output.ts';

const guide = `
A key file holds two secrets: one that signs, and one that opens what is sealed to its holder. Both are
encrypted under a passphrase (Argon2id) which nobody can recover. The file is never overwritten.

Examples:
  $ dxl key new seller.key --organisation skylark
  $ dxl key show seller.key
  $ dxl key request seller.key --name 'Skylark Data' --credit-code 91310000MA1FL0000N \\
      --jurisdiction CN --roles ADMIN,SELLER --out skylark.admission.json
  then the operator:
  $ dxl submit identity.admit --json skylark.admission.json --key operator.key`;

interface RequestOptions {
  readonly organisation?: string;
  readonly name: string;
  readonly creditCode: string;
  readonly jurisdiction: string;
  readonly beneficialOwner?: string;
  readonly roles: string;
  readonly out?: string;
  readonly chain?: string;
}

export function addKeyCommands(program: Command): void {
  const key = program
    .command('key')
    .description('make, show and replace keys; ask for admission, or for recovery')
    .addHelpText('after', guide);
  withCommon(key.command('new <file>'))
    .description('make a new key file')
    .option('--organisation <id>', 'the organisation it will sign for', identifierArgument)
    .action(async (file: string, options: { organisation?: string }, command: Command) => {
      await newKey(file, options.organisation, command);
    });
  withCommon(key.command('show <file>'))
    .description('show the public part of a key file')
    .action(async (file: string, _options: unknown, command: Command) => {
      const { json } = await readCommon(command);
      const { showKeyFile } = await import('../client/keystore/key-file.ts');
      const { organisationId, keyId, publicKey, encryptionKey } = await showKeyFile(file);
      const shown = { organisationId, keyId, publicKey, encryptionKey };
      if (json) printJson(shown);
      else print(fields(shown));
    });
  withCommon(key.command('request <file>'))
    .description('write the admission request that the operator submits')
    .requiredOption('--name <text>', 'name of the organisation')
    .requiredOption('--credit-code <code>', 'unified social credit code, or its like')
    .requiredOption('--jurisdiction <code>', 'ISO 3166-1 alpha-2', countryArgument)
    .requiredOption('--roles <list>', 'roles, with commas: ADMIN,SELLER')
    .option('--organisation <id>', 'its identifier; else that of the key file', identifierArgument)
    .option('--beneficial-owner <text>', 'beneficial owner')
    .option('--chain <id>', 'the chain it is for; else asked of the exchange', identifierArgument)
    .option('--out <file>', 'file to write; else standard output')
    .action(requestAdmission);
  addRotateCommand(key);
  addRevokeCommand(key);
  addRecoverCommand(key);
}

async function newKey(
  file: string,
  organisationId: string | undefined,
  command: Command,
): Promise<void> {
  const { config, json } = await readCommon(command);
  checkOrganisation(organisationId);
  const [{ newKeyFile }, { readPassphrase }] = await Promise.all([
    import('../client/keystore/key-file.ts'),
    import('./passphrase.ts'),
  ]);
  const prompt = `New passphrase for ${file}`;
  const passphrase = await readPassphrase({ config, prompt, confirm: true });
  const party = await newKeyFile(file, { passphrase, organisationId });
  showParty({ json }, file, party);
  remark('Keep the file and its passphrase in two places: nobody can restore either.');
}

async function requestAdmission(
  file: string,
  options: RequestOptions,
  command: Command,
): Promise<void> {
  const common = await readCommon(command);
  const { openClient, openParty } = await import('./session.ts');
  const { admissionCommand, writeAdmissionRequest } = await import('../client/admission.ts');
  const party = await openParty(common, file);
  const organisationId = organisationOf(party, options.organisation);
  const chainId = options.chain ?? (await (await openClient(common)).chainId());
  const facts: OrganisationFacts = {
    organisationId,
    name: options.name,
    creditCode: options.creditCode,
    jurisdiction: options.jurisdiction,
    beneficialOwner: options.beneficialOwner ?? null,
    roles: options.roles.split(',') as OrganisationFacts['roles'],
  };
  const request = { chainId, command: admissionCommand(party, chainId, facts) };
  const advice = `Send ${options.out ?? ''} to the operator of ${chainId}. It holds no secret.`;
  await writeRequest(writeAdmissionRequest(request), options.out, advice);
}
