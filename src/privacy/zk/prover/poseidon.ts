import { buildPoseidon, type Poseidon } from 'circomlibjs';
import { assert } from '../../../base/assert.ts';
import { OperationalError } from '../../../base/operational-error.ts';
import {
  commitmentMessage,
  kAnonymityTag,
  type KAnonymityParameters,
} from '../statements/k-anonymity.ts';
import { scalarFieldOrder } from '../verifier/field.ts';

let built: Promise<Poseidon> | undefined;

/** Loads the WASM of circomlibjs once a process (about 0.3 s); no worker stays behind. */
function poseidon(): Promise<Poseidon> {
  built ??= buildPoseidon().catch((cause: unknown) => {
    built = undefined;
    throw new OperationalError(
      'ZK_POSEIDON_UNAVAILABLE',
      'The Poseidon hash could not be loaded: check that WebAssembly is enabled and reinstall.',
      { cause },
    );
  });
  return built;
}

const elementsPerBlock = 15;

/**
 * The wide hash of circuits/lib/wide-hash.circom, outside the circuit: about 0.3 ms a block of 15.
 * @param tag the purpose's number
 * @param inputs integers below r
 */
export async function wideHash(tag: bigint, inputs: readonly bigint[]): Promise<bigint> {
  assert(
    inputs.every((input) => input >= 0n && input < scalarFieldOrder),
    'inputs of the wide hash are below r',
  );
  const hash = await poseidon();
  const message = [BigInt(inputs.length), ...inputs];
  let chained = tag;
  for (let offset = 0; offset < message.length; offset += elementsPerBlock) {
    const block = Array.from({ length: elementsPerBlock }, (_, i) => message[offset + i] ?? 0n);
    chained = hash.F.toObject(hash([chained, ...block]));
  }
  return chained;
}

/**
 * The commitment that the KAnonymity circuit outputs; the seller publishes it, the buyer recomputes
 * it from delivered rows and the disclosed salt.
 */
export function kAnonymityCommitment(
  parameters: KAnonymityParameters,
  salt: bigint,
  column: readonly bigint[],
): Promise<bigint> {
  return wideHash(kAnonymityTag, commitmentMessage(parameters, salt, column));
}
