import { readFile } from 'node:fs/promises';
import { groth16, wtns, type Groth16Proof, type MemoryFile } from 'snarkjs';
import {
  buildCircuit,
  buildFromSource,
  defaultCacheDirectory,
  type CircuitArtefacts,
} from '../../../src/privacy/zk/build/build-circuit.ts';
import { readLittleEndian, readSections } from '../../../src/privacy/zk/build/binary-sections.ts';
import { readR1cs, visitCoefficients, type R1cs } from '../../../src/privacy/zk/build/r1cs.ts';
import type { SignalInputs } from '../../../src/privacy/zk/prover/prove-job.ts';
import { scalarFieldOrder } from '../../../src/privacy/zk/verifier/field.ts';
import { proofFromSnarkjs } from '../../../src/privacy/zk/verifier/snarkjs-json.ts';
import {
  parseVerificationKey,
  type VerificationKey,
} from '../../../src/privacy/zk/verifier/verification-key.ts';

export const smallCircuitId = 'k-anonymity-16-k3';
export const smallParameters = { rows: 16, k: 3 };

/** Classes of 4, 5, 3 and 4 rows. */
export const smallColumn = [1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 4, 4, 4, 4].map(BigInt);

export const smallInputs = { binding: 1234567n, salt: 987654321n, column: smallColumn };

/** A cold build takes several seconds: give the hook that calls this `coldBuildMs`. */
export const coldBuildMs = 600_000;

let artefacts: Promise<CircuitArtefacts> | undefined;

export const smallArtefacts = (): Promise<CircuitArtefacts> =>
  (artefacts ??= buildCircuit({ circuitId: smallCircuitId, cacheDir: defaultCacheDirectory }));

let simpleArtefacts: ReturnType<typeof buildFromSource> | undefined;

/** The same circuit at level O1, without keys. */
export const smallArtefactsAtO1 = (): ReturnType<typeof buildFromSource> =>
  (simpleArtefacts ??= buildFromSource({
    circuitId: smallCircuitId,
    cacheDir: defaultCacheDirectory,
    file: `${smallCircuitId}.circom`,
    level: 'O1',
    withKeys: false,
  }));

export async function smallKey(): Promise<VerificationKey> {
  const parsed = parseVerificationKey((await smallArtefacts()).vk);
  if (!parsed.ok) throw new Error(parsed.detail);
  return parsed.value;
}

/** The witness as field elements; signal 0 is the constant 1, publics follow. */
export async function calculateWitness(wasmPath: string, inputs: SignalInputs): Promise<bigint[]> {
  return decodeWitness(await witnessFile(wasmPath, inputs));
}

export async function witnessFile(wasmPath: string, inputs: SignalInputs): Promise<MemoryFile> {
  const file: MemoryFile = { type: 'mem' };
  const print = console.error;
  // The witness calculator prints the place of a failed assertion.
  console.error = () => undefined;
  try {
    await wtns.calculate(inputs, wasmPath, file);
  } finally {
    console.error = print;
  }
  return file;
}

function decodeWitness(file: MemoryFile): bigint[] {
  const content = readSections(file.data ?? new Uint8Array(), 'wtns', 2).get(2);
  if (content === undefined) throw new Error('a witness has its second section');
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  return Array.from({ length: content.length / 32 }, (_, i) => readLittleEndian(view, 32 * i));
}

export interface SmallProof {
  readonly key: VerificationKey;
  readonly publics: bigint[];
  readonly proof: Uint8Array;
  readonly json: Groth16Proof;
}

const proofs = new Map<bigint, Promise<SmallProof>>();

/** One proof for each binding, made once in this process. */
export function smallProof(binding: bigint = smallInputs.binding): Promise<SmallProof> {
  const found = proofs.get(binding) ?? makeSmallProof(binding);
  proofs.set(binding, found);
  return found;
}

async function makeSmallProof(binding: bigint): Promise<SmallProof> {
  const { wasmPath, zkeyPath } = await smallArtefacts();
  const witness = await witnessFile(wasmPath, { ...smallInputs, binding });
  const { proof: json, publicSignals } = await groth16.prove(zkeyPath, witness);
  const publics = publicSignals.map(BigInt);
  return { key: await smallKey(), publics, proof: proofFromSnarkjs(json), json };
}

/** One constraint: for each side, its signals and coefficients. */
export type Constraint = readonly (readonly (readonly [signal: number, factor: bigint])[])[];

export async function readConstraints(
  r1csPath: string,
): Promise<{ readonly r1cs: R1cs; readonly constraints: readonly Constraint[] }> {
  const r1cs = readR1cs(new Uint8Array(await readFile(r1csPath)));
  const constraints = Array.from({ length: r1cs.constraintCount }, (): [number, bigint][][] => [
    [],
    [],
    [],
  ]);
  visitCoefficients(r1cs, (constraint, side, signal, factor) => {
    const terms = constraints[constraint]?.[side];
    terms?.push([signal, factor]);
  });
  return { r1cs, constraints };
}

/** ⟨A,w⟩ · ⟨B,w⟩ = ⟨C,w⟩. */
export function holds(constraint: Constraint, witness: readonly bigint[]): boolean {
  const [a = 0n, b = 0n, c = 0n] = constraint.map((side) =>
    side.reduce((sum, [signal, factor]) => sum + factor * (witness[signal] ?? 0n), 0n),
  );
  return (a * b - c) % scalarFieldOrder === 0n;
}
