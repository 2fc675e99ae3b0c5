import type { Command } from 'commander';
import { sha256Hex } from '../base/hash.ts';
import { identifierArgument } from './arguments.ts';
import { organisationOf, writeRequest } from './key-request.ts';
import { readCommon, withCommon } from './options.ts';

const guide = `
For an organisation whose last key is lost or revoked. FILE is a new key file of its own. What is written goes to
the operator with the document that it names; the operator proposes it:

  $ dxl key new skylark-2027.key --organisation skylark
  $ dxl key recover skylark-2027.key --evidence letter.pdf --reason 'The key was lost with a laptop' \\
      --out skylark.recovery.json
  the operator:
  $ dxl submit identity.propose-recovery --json skylark.recovery.json --key operator.key

It takes effect by itself when its publicity has passed, unless somebody who holds a key of the organisation, or a
regulator, refuses it: dxl submit identity.refuse-recovery. What was sealed to the lost key stays closed.`;

interface RecoverOptions {
  readonly evidence: string;
  readonly reason: string;
  readonly organisation?: string;
  readonly chain?: string;
  readonly out?: string;
}

export function addRecoverCommand(key: Command): void {
  withCommon(key.command('recover <file>'))
    .description('write the request to recover lost keys, which the operator proposes')
    .requiredOption('--evidence <file>', 'document that shows who asks; its digest is stated')
    .requiredOption('--reason <text>', 'why it is needed')
    .option('--organisation <id>', 'its identifier; else that of the key file', identifierArgument)
    .option('--chain <id>', 'the chain it is for; else asked of the exchange', identifierArgument)
    .option('--out <file>', 'file to write; else standard output')
    .addHelpText('after', guide)
    .action(recover);
}

async function recover(file: string, options: RecoverOptions, command: Command): Promise<void> {
  const common = await readCommon(command);
  const { openClient, openParty } = await import('./session.ts');
  const { recoveryCommand } = await import('../client/key-recovery.ts');
  const { readBytesInput } = await import('./input.ts');
  const evidence = sha256Hex(await readBytesInput(options.evidence));
  const party = await openParty(common, file);
  const organisationId = organisationOf(party, options.organisation);
  const chainId = options.chain ?? (await (await openClient(common)).chainId());
  const { reason } = options;
  const request = recoveryCommand(party, { chainId, organisationId, evidence, reason });
  await writeRequest(
    `${JSON.stringify(request, null, 2)}\n`,
    options.out,
    `Send ${options.out ?? ''} and ${options.evidence} to the operator of ${chainId}. The request holds no secret.`,
  );
}
