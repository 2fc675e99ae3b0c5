import path from 'node:path';
import type { Command } from 'commander';
import type { DemoResult } from './run-demo.ts';
import { readCommon, withCommon } from './options.ts';
import { print, printJson, remark, table } from './output.ts';
import { version } from './version.ts';

const guide = `
Makes a chain, starts the exchange and plays one whole trade and one homomorphic computation on a real
data set, every party with a key of its own, all through the public API; ends with a dossier that
\`dxl verify\` checks. Needs no network.

Examples:
  $ dxl demo
  $ dxl demo --out my-demo --exit --json`;

interface Options {
  readonly out: string;
  readonly exit?: boolean;
}

export function addDemoCommand(program: Command): void {
  withCommon(program.command('demo'))
    .description('play a whole trade on a chain of its own')
    .option('--out <folder>', 'an absent or empty folder for everything it writes', defaultFolder())
    .option('--exit', 'stop the exchange at the end instead of leaving it up')
    .addHelpText('after', guide)
    .action(demo);
}

const defaultFolder = (): string =>
  `dxl-demo-${new Date().toISOString().replace(/[-:]|\..*/g, '')}`;

async function demo(options: Options, command: Command): Promise<void> {
  const { config, json } = await readCommon(command);
  const { runDemo } = await import('./run-demo.ts');
  const result = await runDemo({
    config,
    outDir: path.resolve(options.out),
    terminal: json ? null : process.stdout,
    version,
  });
  const { exchange } = result;
  try {
    show(result, json);
    if (options.exit === true) return;
    remark(`The exchange stays up at ${exchange.url} (documentation: ${exchange.url}/docs).`);
    remark('Ctrl-C ends it.');
    const failure = await Promise.race([signalled(), exchange.failed]);
    if (failure) throw failure;
  } finally {
    await exchange.stop();
  }
}

function show({ chainId, exchange, steps, figures, files }: DemoResult, json: boolean): void {
  if (json) {
    const measured = Object.fromEntries(figures);
    printJson({ chainId, url: exchange.url, steps, figures: measured, files });
    return;
  }
  print(`\n${table(figures)}\n${table(Object.entries(files))}\n`);
  print(`Check it all, offline:  npx dxl verify ${files['dossier'] ?? ''}\n`);
}

const signalled = (): Promise<null> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(null));
  });
