/** Clients that submit through different validators, and remember what they were promised. */
import { setTimeout as delay } from 'node:timers/promises';
import { toHex } from '../../../src/base/bytes.ts';
import { sha256Hex } from '../../../src/base/hash.ts';
import type { Receipt } from '../../../src/chain/engine/engine.ts';
import { addKey } from '../../../src/identity/add-key.ts';
import { possessionClaim } from '../../../src/identity/possession.ts';
import { keyOf, operationOf, sign } from '../test-chain.ts';
import { admissionEnvelope, nextSequenceOf, submit, type TestNetwork } from './test-network.ts';

export interface Load {
  /** By envelope id: what a validator has promised. */
  readonly acknowledged: ReadonlyMap<string, Receipt>;
  /** Sent again after a lost answer and found to be applied already. */
  readonly known: ReadonlySet<string>;
  /** Answers that named no receipt and were followed by another attempt, by their code. */
  readonly retries: ReadonlyMap<string, number>;
  /** Refusals that no repetition explains. */
  readonly refused: readonly string[];
  /** Waits for what is in flight. */
  stop(): Promise<void>;
}

export interface LoadOptions {
  readonly clients: number;
  readonly random: () => number;
  /** Between an acknowledgement and the client's next envelope, at most. */
  readonly pauseMsMax?: number;
}

/** A validator that is down, or behind: another one, or a later attempt, will do. */
const passing =
  /^(COMET_|ENGINE_|STORE_|FAILED$|KEY_UNKNOWN$|SEQUENCE_TOO_FAR$|ENVELOPE_EXPIRY_TOO_FAR$)/;

/**
 * Each client has a key of its own, admitted here, and one envelope in hand at a time; where no
 * answer comes the same bytes go to another validator, so that a lost answer may make a repetition
 * and never a second effect.
 */
export async function startLoad(network: TestNetwork, options: LoadOptions): Promise<Load> {
  const { clients, random, pauseMsMax = 0 } = options;
  const acknowledged = new Map<string, Receipt>();
  const known = new Set<string>();
  const retries = new Map<string, number>();
  const refused: string[] = [];
  let stopping = false;
  const note = (code: string): void => void retries.set(code, (retries.get(code) ?? 0) + 1);

  const send = async (name: string, envelope: Uint8Array): Promise<void> => {
    for (let attempt = 1; ; attempt += 1) {
      const at = Math.floor(random() * network.plan.validators.length);
      const answer = await submit(network, at, envelope, 10_000);
      if (answer?.ok) {
        acknowledged.set(answer.receipt.envelopeId, answer.receipt);
        return;
      }
      if (answer?.code === 'SEQUENCE_USED' && attempt > 1) {
        known.add(sha256Hex(envelope));
        return;
      }
      if (answer && !passing.test(answer.code)) {
        refused.push(`${name}: ${answer.code} ${answer.detail}`);
        return;
      }
      note(answer?.code ?? 'no answer');
      await delay(100);
    }
  };

  const client = async (name: string): Promise<void> => {
    const { chainId } = network.genesis;
    for (let sequence = 1; !stopping; sequence += 1) {
      const id = `${name}-${sequence}`;
      await send(id, admissionEnvelope(chainId, id, sequence, 50_000, keyOf(name)));
      await delay(random() * pauseMsMax);
    }
  };

  const names = await addOperatorKeys(network, clients);
  const running = names.map(client);
  return {
    ...{ acknowledged, known, retries, refused },
    async stop() {
      stopping = true;
      await Promise.all(running);
    },
  };
}

/** Further keys of the operator: whoever holds one may admit organisations. */
export async function addOperatorKeys(network: TestNetwork, count: number): Promise<string[]> {
  const { chainId } = network.genesis;
  const first = await nextSequenceOf(network, 0);
  const names = Array.from({ length: count }, (_, at) => `client-${first + at}`);
  for (const [at, name] of names.entries()) {
    const { publicKey } = keyOf(name);
    const possession = toHex(keyOf(name).sign(possessionClaim(chainId, 'operator', publicKey)));
    const operation = operationOf(addKey, { publicKey, roles: ['OPERATOR'], possession });
    const envelope = sign(operation, { sequence: first + at, expiryHeight: 50_000, chainId });
    const answer = await submit(network, 0, envelope);
    if (!answer?.ok) throw new Error(`a client is not admitted: ${JSON.stringify(answer)}`);
  }
  return names;
}
