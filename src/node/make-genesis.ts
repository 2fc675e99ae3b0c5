import { readFile, writeFile } from 'node:fs/promises';
import { CodecError } from '../base/codec-error.ts';
import { fromJson, toJson } from '../base/codec.ts';
import type { Hex } from '../base/bytes.ts';
import { codecFault, faultText } from '../base/field-fault.ts';
import { readFileJson, taken } from '../base/file-text.ts';
import { machineVersionMax } from '../base/machine-version.ts';
import { OperationalError } from '../base/operational-error.ts';
import { sampleSizes } from '../base/sample-sizes.ts';
import { genesisFromJson, genesisSchema, type Genesis } from '../chain/machine/genesis.ts';
import { loadCatalogue, type CircuitEntry } from '../privacy/zk/catalogue.ts';
import { makeParent } from './data-folder.ts';

export interface GenesisRequest {
  readonly chainId: string;
  readonly mode: Genesis['mode'];
  readonly timeMs: number;
  /** Name of a pack in rules/ without its ending, or the path of another one. */
  readonly rules: string;
  readonly blockSigner: Hex;
  readonly operator: Genesis['operator'];
}

/** Consensus parameters of a new chain. */
export const defaultParameters: Genesis['parameters'] = {
  envelopeBytesMax: 65_536,
  operationsMax: 64,
  sequenceWindow: 128,
  expirySpanMax: 100_000,
  blockEnvelopesMax: 2_000,
  blockBytesMax: 8_388_608,
  envelopeProofsMax: 8,
  blockProofsMax: 32,
  outputBase: 8_192,
  outputPerByte: 24,
  envelopeExcessMax: 196_608,
  organisationExcessMax: 2_097_152,
  blockExcessMax: 33_554_432,
  blockDeadlinesMax: 10_000,
  deadlineOutputMax: 33_554_432,
};

/**
 * A genesis document by the newest rules of the machine, with every circuit of the catalogue at its
 * development key (development) or none (production: ceremony keys are added to the file by who holds their transcripts).
 * Throws OperationalError RULES_UNREADABLE or GENESIS_INVALID.
 */
export async function makeGenesis(request: GenesisRequest): Promise<Genesis> {
  const { circuits } = await loadCatalogue();
  const development = request.mode === 'development';
  const json = {
    version: machineVersionMax,
    chainId: request.chainId,
    timeMs: request.timeMs,
    mode: request.mode,
    parameters: defaultParameters,
    blockSigner: request.blockSigner,
    operator: request.operator,
    circuits: development ? circuits.map(pinned) : [],
    rules: await readRules(request.rules),
  };
  return checkCircuits(checkedGenesis(json, 'the new genesis'), circuits);
}

const pinned = ({
  id,
  r1csHash,
  developmentKeyHash,
}: CircuitEntry): Genesis['circuits'][number] => ({
  ...{ id, r1csHash, verificationKeyHash: developmentKeyHash },
  keyClass: 'development',
});

/** What the pack says of a sample is what its circuit is compiled for, where the circuit is one of ours. */
function checkCircuits(genesis: Genesis, circuits: readonly CircuitEntry[]): Genesis {
  for (const { circuitId, rows, k } of sampleSizes(genesis.rules, machineVersionMax)) {
    const entry = circuits.find(({ id }) => id === circuitId);
    if (!entry && genesis.mode === 'production') continue;
    const { rows: ofCircuit, k: kOfCircuit } = entry?.parameters ?? {};
    if (rows === ofCircuit && k === kOfCircuit) continue;
    throw new OperationalError(
      'GENESIS_INVALID',
      `the rule pack names circuit ${circuitId} for ${rows} rows with k ${k}; ` +
        (entry ? `it is of ${ofCircuit} rows with k ${kOfCircuit}.` : 'there is no such circuit.'),
    );
  }
  return genesis;
}

export async function writeGenesis(file: string, genesis: Genesis): Promise<void> {
  await makeParent(file);
  await writeFile(file, `${JSON.stringify(toJson(genesisSchema, genesis), null, 2)}\n`, {
    flag: 'wx',
  });
}

/** Throws OperationalError GENESIS_MISSING or GENESIS_INVALID, with the field at fault. */
export async function readGenesis(file: string): Promise<Genesis> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new OperationalError(
      'GENESIS_MISSING',
      `${file} cannot be read (${(cause as Error).message}). Make a chain with \`dxl init\`, ` +
        'or name its genesis file with --genesis.',
      { cause },
    );
  });
  return checkedGenesis(parseJson(bytes, file), file);
}

const rulesDirectory = new URL('../../rules/', import.meta.url);

async function readRules(rules: string): Promise<unknown> {
  const place = rules.includes('/') ? rules : new URL(`${rules}.json`, rulesDirectory);
  const bytes = await readFile(place).catch((cause: unknown) => {
    throw new OperationalError('RULES_UNREADABLE', `No rule pack at ${rules}.`, { cause });
  });
  return parseJson(bytes, rules);
}

const parseJson = (bytes: Uint8Array, what: string): unknown =>
  taken(
    readFileJson(bytes),
    (problem) => new OperationalError('GENESIS_INVALID', `${what} ${problem}`),
  );

function checkedGenesis(json: unknown, what: string): Genesis {
  try {
    return genesisFromJson(json);
  } catch (cause) {
    throw new OperationalError('GENESIS_INVALID', `${what}: ${problemOf(json, cause)}`, { cause });
  }
}

/** With form and example of the field; of limits that do not go together the words that say so. */
function problemOf(json: unknown, cause: unknown): string {
  try {
    fromJson(genesisSchema, json);
  } catch (error) {
    if (error instanceof CodecError) return faultText(codecFault(genesisSchema, json, error));
  }
  return (cause as Error).message;
}
