/** What no application that verifies signatures can pass, with all its validators on this machine. */
import { fromHex } from '../../src/base/bytes.ts';
import type { Check } from '../../src/chain/engine/verify-batch.ts';
import { keyOf } from '../../test/chain/test-chain.ts';
import { bareVerification } from '../bare-verification.ts';
import { median, round } from '../harness.ts';
import { validators } from './sides.ts';

export interface Bound {
  /** Of kvstore, all parts of all validators together, and of the generator. */
  readonly kvstoreCpuMs: number;
  /** One verification, with every core at it. */
  readonly verificationCpuMs: number;
  /** Kvstore's CPU time to kvstore's with one verification by each validator. */
  readonly ratio: number;
}

const signatures = 500;
const verifyingSeconds = 2;

/** CPU time of one verification, in ms. @param bytes what is signed */
export async function verificationCpuMs(bytes: number): Promise<number> {
  const key = keyOf('bound');
  const checks = Array.from({ length: signatures }, (_, at): Check => {
    const message = new Uint8Array(bytes).fill(at % 256);
    return { publicKey: fromHex(key.publicKey), message, signature: key.sign(message) };
  });
  return (await bareVerification(checks, verifyingSeconds)).cpuMs;
}

/** @param kvstoreCpuMs of each saturated run, per transaction; as many as there are verifications. */
export function boundOf(kvstoreCpuMs: readonly number[], verifications: readonly number[]): Bound {
  const kvstore = median(kvstoreCpuMs);
  const verification = median(verifications);
  return {
    kvstoreCpuMs: round(kvstore, 3),
    verificationCpuMs: round(verification, 4),
    ratio: round(kvstore / (kvstore + validators * verification), 3),
  };
}
