import { poseidon16 } from 'poseidon-lite/poseidon16';
import { assert } from '../../../base/assert.ts';
import {
  commitmentMessage,
  kAnonymityTag,
  type KAnonymityParameters,
} from '../statements/k-anonymity.ts';
import { scalarFieldOrder } from '../verifier/field.ts';

const elementsPerBlock = 15;

/**
 * The wide hash of circuits/lib/wide-hash.circom, outside the circuit: about 6 ms a block of 15,
 * so that 512 rows take a fifth of a second.
 * @param tag the purpose's number
 * @param inputs integers below r
 */
export function wideHash(tag: bigint, inputs: readonly bigint[]): bigint {
  assert(
    inputs.every((input) => input >= 0n && input < scalarFieldOrder),
    'inputs of the wide hash are below r',
  );
  const message = [BigInt(inputs.length), ...inputs];
  let chained = tag;
  for (let offset = 0; offset < message.length; offset += elementsPerBlock) {
    const block = Array.from({ length: elementsPerBlock }, (_, i) => message[offset + i] ?? 0n);
    chained = poseidon16([chained, ...block]);
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
): bigint {
  return wideHash(kAnonymityTag, commitmentMessage(parameters, salt, column));
}
