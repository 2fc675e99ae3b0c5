/**
 * `npm run bench -- NAME [options]`: each benchmark is a program of its own beside this file, run by
 * being imported, with its options as the process's arguments.
 */
interface Program {
  readonly file: string;
  readonly what: string;
  /** Beside `--results FOLDER`, which all take; each with what it does. */
  readonly options?: Readonly<Record<string, string>>;
}

/** In alphabetical order; one line is all that a new one needs here. */
const programs: Readonly<Record<string, Program>> = {
  circuits: {
    file: 'circuits.ts',
    what: 'the circuits of the sample sizes: built anew, and a proof by each. Takes minutes',
    options: {
      '--sizes N[,N…]': 'rows of the samples; all of circuits.json unless given',
      '--proofs N': 'by each; 3 unless given',
    },
  },
  comet: {
    file: 'comet.ts',
    what: 'four validators against four of CometBFT’s own kvstore application',
    options: {
      '--seconds N': 'of each measurement; 10 unless given',
      '--repetitions N': 'of each side, in alternate order; 3 unless given',
      '--in-flight N': 'sent and not acknowledged, at most; 2000 unless given',
      '--profile FOLDER': 'where to keep CPU profiles of one application',
      '--rate N': 'a second, for latencies below saturation; 500 unless given',
    },
  },
  content: {
    file: 'content.ts',
    what: 'a delivery of 10 GB, programs and node killed on the way, against a plain encrypted copy',
    options: { '--megabytes N': 'to deliver; 10000 unless given. Three times that of the disk' },
  },
  data: {
    file: 'data.ts',
    what: 'a table inspected, without and with the salted tree, against a bare csv-parse pass',
    options: {
      '--megabytes N': 'of the table; 100 unless given',
      '--pairs N': 'of passes, interleaved; 5 unless given',
      '--gigabyte': 'one more of 1 GB by dxl itself, for its memory. Takes minutes',
    },
  },
  fsck: {
    file: 'fsck.ts',
    what: 'the audit of ledgers of several sizes: time, and memory by state key',
    options: {
      '--keys N[,N…]': 'sizes of the state; 20000,100000,300000 unless given',
      '--against FOLDER': 'checkout of another release, run on the same ledgers',
    },
  },
  growth: {
    file: 'growth.ts',
    what: 'throughput and memory at 10k, 100k and 1M state keys, with a picture',
    options: {
      '--max KEYS': 'up to how many keys; 1000000 unless given, 10000000 takes an hour and more',
      '--redraw': 'only draw the picture again, from the figures of the last run',
    },
  },
  he: {
    file: 'he.ts',
    what: 'column totals by group under homomorphic encryption',
    options: {
      '--workers N': 'processes that encrypt and evaluate; 1 unless given',
      '--groups N': 'groups that are summed; 4 unless given',
      '--rows N[,N…]': 'sizes of the column; 10000,1000000 unless given',
    },
  },
  hostile: {
    file: 'hostile.ts',
    what: 'honest envelopes beside each attack, against the same attack aimed at a sink',
    options: {
      '--seconds N': 'of each run; 8 unless given',
      '--pairs N': 'of runs of each attack; 5 unless given',
      '--strangers N': 'network addresses that each attack comes from; 4 unless given',
      '--attacks NAME[,…]': 'only these, by their names in the result; all unless given',
      '--profile FOLDER': 'where the node writes its CPU profile when it ends',
    },
  },
  http: {
    file: 'http.ts',
    what: 'envelopes through the API, alone and in batches, against a bare Express + Ajv POST',
    options: {
      '--seconds N': 'of each run; 8 unless given',
      '--repetitions N': 'of each scenario; 3 unless given',
      '--connections N': 'at most; 512 unless given',
      '--batches N[,N…]': 'envelopes in a request; 1,16,64,256 unless given',
      '--profile FOLDER': 'where the node writes its CPU profile when it ends',
      '--smoke': 'the least that still goes all the way; its figures mean nothing',
    },
  },
  ledger: {
    file: 'ledger.ts',
    what: 'envelopes and operations in process, against bare verification on all cores',
    options: {
      '--rounds N': 'measured runs of each kind; 3 unless given',
      '--operations N': 'operations a run; 200000 unless given, and a fifth of it one by one',
    },
  },
  move: {
    file: 'move.ts',
    what: 'export, import, audit and rebuild of a long ledger: time, memory, size',
    options: { '--blocks N': 'of seven admissions each; 20000 unless given' },
  },
};

const column = 18;
const lineOf = (name: string, what: string): string => `  ${name.padEnd(column)}${what}`;

function overview(): string {
  return [
    'npm run bench -- NAME [options]   (NAME --help shows its options)',
    '',
    ...Object.entries(programs).map(([name, { what }]) => lineOf(name, what)),
    '',
    'Each prints a table and writes bench/results/NAME.json: hardware, commit, raw runs, ratios.',
    'Every write is durable: acknowledged after COMMIT, with fsync on.',
  ].join('\n');
}

function help(name: string, { what, options = {} }: Program): string {
  const all = { ...options, '--results FOLDER': 'where to write; bench/results unless given' };
  const lines = Object.entries(all).map(([option, effect]) => lineOf(option, effect));
  return [`npm run bench -- ${name} [options]`, `  ${what}`, '', ...lines].join('\n');
}

const asksForHelp = (argument: string | undefined): boolean =>
  argument === '--help' || argument === '-h';

const name = process.argv[2];
const program = name === undefined ? undefined : programs[name];
if (name === undefined || asksForHelp(name)) {
  console.log(overview());
} else if (program === undefined) {
  console.error(`There is no benchmark ${name}.\n\n${overview()}`);
  process.exitCode = 2;
} else if (process.argv.slice(3).some(asksForHelp)) {
  console.log(help(name, program));
} else {
  process.argv.splice(2, 1);
  try {
    await import(`./${program.file}`);
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string };
    if (typeof code !== 'string' || !code.startsWith('ERR_PARSE_ARGS')) throw error;
    console.error(`${message}\n\n${help(name, program)}`);
    process.exitCode = 2;
  }
}
