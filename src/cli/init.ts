import { Option, type Command } from 'commander';
import { countryArgument, identifierArgument } from './arguments.ts';
import { findCreditCodeFault } from '../identity/credit-code.ts';
import { usageError } from './exit.ts';
import { readCommon } from './options.ts';
import { fields, print, printJson } from './output.ts';

interface Options {
  readonly operator: string;
  readonly chainId: string;
  readonly name: string;
  readonly creditCode: string;
  readonly jurisdiction: string;
  readonly organisation?: string;
  readonly rules: string;
  readonly production?: boolean;
  readonly dataDir?: string;
}

const guide = `
Writes genesis.json, which every participant of the chain gets a copy of, and the key that signs block
headers, which stays on the node. The operator's own key file is only read for its public part.

Example:
  $ dxl key new operator.key --organisation my-exchange
  $ dxl init --operator operator.key --chain-id my-exchange-1 --name 'My Exchange' \\
      --credit-code 91310000MA1FL0000N --jurisdiction CN --data-dir /srv/exchange
  $ dxl node --data-dir /srv/exchange`;

export function addInitCommand(program: Command): void {
  program
    .command('init')
    .description('make a new chain')
    .requiredOption('--operator <key file>', 'the operator’s key')
    .requiredOption(
      '--chain-id <id>',
      'unique name of the chain, in every signature',
      identifierArgument,
    )
    .requiredOption('--name <text>', 'name of the operating organisation')
    .requiredOption('--credit-code <code>', 'its unified social credit code, or the like')
    .requiredOption('--jurisdiction <code>', 'ISO 3166-1 alpha-2', countryArgument)
    .option('--organisation <id>', 'its identifier; else that of the key file', identifierArgument)
    .option('--rules <pack>', 'a rule pack by name, or the path of one', 'default-cn')
    .option('--production', 'refuse development circuit keys for ever')
    .option('--data-dir <folder>', 'where the node keeps everything (or DXL_DATA_DIR)')
    .addOption(new Option('--json', 'print JSON for programs'))
    .addHelpText('after', guide)
    .action(init);
}

async function init(options: Options, command: Command): Promise<void> {
  const { config, json } = await readCommon(command);
  const [
    { showKeyFile },
    { dataFolder },
    { holdFolder },
    { makeChain },
    { readGenesis },
    { genesisHash },
  ] = await Promise.all([
    import('../client/keystore/key-file.ts'),
    import('../node/data-folder.ts'),
    import('../node/folder-hold.ts'),
    import('./new-chain.ts'),
    import('../node/make-genesis.ts'),
    import('../chain/machine/genesis.ts'),
  ]);
  const key = await showKeyFile(options.operator);
  const organisationId = options.organisation ?? key.organisationId;
  if (organisationId === null) throw usageError('Name the organisation: --organisation <id>.');
  const folder = dataFolder(options.dataDir ?? config.dataDir);
  const { name, creditCode, jurisdiction, chainId, rules } = options;
  const fault = findCreditCodeFault(jurisdiction, creditCode);
  if (fault !== null) throw usageError(`Correct --credit-code: ${fault}.`);
  const hold = await holdFolder(folder.root, 'init');
  await makeChain(folder, {
    chainId,
    rules,
    mode: options.production === true ? 'production' : 'development',
    operator: { organisationId, name, creditCode, jurisdiction },
    key,
  }).finally(() => hold.release());
  const genesis = await readGenesis(folder.genesisFile);
  const shown = {
    chainId,
    mode: genesis.mode,
    genesis: folder.genesisFile,
    genesisHash: genesisHash(genesis),
    blockSigner: genesis.blockSigner,
  };
  if (json) printJson(shown);
  else print(fields(shown));
}
