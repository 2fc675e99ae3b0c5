import { Command } from 'commander';
import { version } from './version.ts';
import { addCircuitsCommands } from './circuits.ts';
import { addContentCommands } from './content.ts';
import { addDataCommands } from './data.ts';
import { addDeliveryCommands } from './delivery.ts';
import { addDemoCommand } from './demo.ts';
import { addDossierCommand } from './dossier.ts';
import { addExportCommand } from './export.ts';
import { addFsckCommand } from './fsck.ts';
import { addGetCommand } from './get.ts';
import { addImportCommand } from './import.ts';
import { addInitCommand } from './init.ts';
import { addKeyCommands } from './key.ts';
import { addListCommand } from './list.ts';
import { addNetCommands } from './net.ts';
import { addNodeCommand } from './node.ts';
import { addOperationsCommand } from './operations.ts';
import { apiOption, jsonOption, patienceOption } from './options.ts';
import { addProveCommands } from './prove.ts';
import { addRebuildCommand } from './rebuild.ts';
import { addReceiptCommand } from './receipt.ts';
import { addSampleCommands } from './sample.ts';
import { addSentCommand } from './sent.ts';
import { addStatusCommand } from './status.ts';
import { addSubmitCommand } from './submit.ts';
import { addVerifyCommand } from './verify.ts';
import { addWatchCommand } from './watch.ts';
import { addWitnessCommands } from './witness.ts';

const guide = `
Examples:
  $ dxl key new seller.key --organisation skylark     make a key; it never leaves this machine
  $ dxl operations rights.submit                      what an operation asks for
  $ dxl submit rights.submit --json registration.json --key seller.key
  $ dxl list listings --search birds --state LISTED
  $ dxl watch --stream signing
  $ dxl data inspect birds.csv                        what a table is; needs no exchange
  $ dxl delivery send t-7 birds.csv --key seller.key
  $ dxl verify trade.dossier.json                     needs no exchange and no network

Settings: DXL_API (address of the exchange), DXL_PASSPHRASE_FILE (file with the passphrase of the
key file), DXL_DEBUG=1 (errors with their stack).

Exit codes: 0 done; 1 refused by the ledger, or a verification failed; 2 wrong arguments or input;
3 the exchange, a file or the database cannot be used; 4 a fault of dxl.`;

/** Heavy parts are imported by the command that needs them, so that help comes at once. */
export function makeProgram(): Command {
  const program = new Command('dxl')
    .description('Data Exchange Ledger: sign, submit, watch, verify; run a node')
    .version(version)
    .addOption(apiOption())
    .addOption(jsonOption())
    .addOption(patienceOption())
    .enablePositionalOptions()
    .showHelpAfterError('(dxl --help, or dxl COMMAND --help, explains)')
    .addHelpText('after', guide)
    .exitOverride();
  const add = [
    addKeyCommands,
    addOperationsCommand,
    addSubmitCommand,
    addReceiptCommand,
    addSentCommand,
    addGetCommand,
    addListCommand,
    addWatchCommand,
    addStatusCommand,
    addContentCommands,
    addDataCommands,
    addSampleCommands,
    addCircuitsCommands,
    addDeliveryCommands,
    addDossierCommand,
    addProveCommands,
    addVerifyCommand,
    addInitCommand,
    addNodeCommand,
    addNetCommands,
    addWitnessCommands,
    addFsckCommand,
    addExportCommand,
    addImportCommand,
    addRebuildCommand,
    addDemoCommand,
  ];
  for (const addTo of add) addTo(program);
  return program;
}
