/** A steady load of envelopes on a network, which remembers what was acknowledged. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Receipt } from '../../../src/chain/engine/engine.ts';
import { admissionEnvelope, submit, type TestNetwork } from './test-network.ts';

export interface Load {
  /** By envelope id: what a validator has promised. */
  readonly acknowledged: ReadonlyMap<string, Receipt>;
  /** Sent again after a lost answer and found to be applied already. */
  readonly known: number;
  /** Never answered until the key's sequence window had gone by. */
  readonly overtaken: number;
  /** Refusals that no such repetition explains. */
  readonly refused: readonly string[];
  /** Waits for what is in flight. */
  stop(): Promise<void>;
}

/**
 * `inFlight` senders, each with one envelope at a time; where no answer comes the same bytes go
 * to another validator, so a lost answer may make a repetition and never a second effect.
 */
export function startLoad(
  network: TestNetwork,
  inFlight: number,
  random: () => number,
  firstSequence = 1,
): Load {
  const acknowledged = new Map<string, Receipt>();
  const refused: string[] = [];
  let known = 0;
  let overtaken = 0;
  let sequence = firstSequence - 1;
  let stopping = false;
  const send = async (): Promise<void> => {
    const number = (sequence += 1);
    const envelope = admissionEnvelope(network.genesis.chainId, `organisation-${number}`, number);
    for (let attempt = 1; ; attempt += 1) {
      const at = Math.floor(random() * network.plan.validators.length);
      const answer = await submit(network, at, envelope, 10_000);
      if (answer?.ok) {
        acknowledged.set(answer.receipt.envelopeId, answer.receipt);
        return;
      }
      if (answer?.code === 'SEQUENCE_TOO_OLD') {
        // While its answers were lost, the window went by: applied or not, nobody promised it.
        overtaken += 1;
        return;
      }
      if (answer?.code === 'SEQUENCE_USED' && attempt > 1) {
        known += 1;
        return;
      }
      const passing = ['COMET_DOWN', 'ENGINE_TIMEOUT', 'ENGINE_STOPPING', 'COMET_REFUSED'];
      if (answer && !passing.includes(answer.code) && !/^SEQUENCE_/.test(answer.code)) {
        refused.push(`${number}: ${answer.code} ${answer.detail}`);
        return;
      }
      await delay(100);
    }
  };
  const senders = Array.from({ length: inFlight }, async () => {
    while (!stopping) await send();
  });
  return {
    acknowledged,
    refused,
    get overtaken() {
      return overtaken;
    },
    get known() {
      return known;
    },
    async stop() {
      stopping = true;
      await Promise.all(senders);
    },
  };
}
