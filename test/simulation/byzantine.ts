/** What a proposer proposes that does not follow the protocol. Every honest replica refuses it. */
import { simulationGenesis } from './cast.ts';
import type { Generator, Standing } from './generator.ts';
import { encodeMove } from './generator.ts';
import { keyOf } from './cast.ts';
import type { Random } from './random.ts';

export const falseProposals = [
  'wrong signature',
  'replayed',
  'twice in one block',
  'out of order',
  'oversized',
  'too many',
  'not an envelope',
] as const;
export type FalseProposal = (typeof falseProposals)[number];

interface Material {
  readonly honest: readonly Uint8Array[];
  /** Envelopes of earlier blocks that were admitted then. */
  readonly past: readonly Uint8Array[];
  readonly standing: Standing;
  readonly generator: Generator;
  readonly random: Random;
}

const probe = encodeMove({
  name: 'pricing.confirm-valuation',
  command: { valuationId: 'valuation-none', resultFen: 1n },
});

/** Null where there is nothing to make it of. */
export function falsify(kind: FalseProposal, material: Material): Uint8Array[] | null {
  const { honest, past, standing, generator, random } = material;
  const key = keyOf('operator');
  const first = standing.nextSequence(key.keyId);
  const signed = (sequence: number): Uint8Array =>
    generator.sign(standing, key, [probe], { sequence });
  const insert = (...bad: Uint8Array[]): Uint8Array[] => {
    const at = random.below(honest.length + 1);
    return [...honest.slice(0, at), ...bad, ...honest.slice(at)];
  };
  switch (kind) {
    case 'wrong signature': {
      const forged = signed(first).slice();
      const at = forged.length - 1 - random.below(64);
      forged[at] = (forged[at] ?? 0) ^ (1 << random.below(8));
      return insert(forged);
    }
    case 'replayed': {
      const old = random.pick(past);
      return old ? insert(old) : null;
    }
    case 'twice in one block': {
      const twin = random.pick(honest);
      return twin ? [...honest, twin] : null;
    }
    case 'out of order': {
      const { sequenceWindow } = simulationGenesis.parameters;
      const [far, enabling] = [signed(first + sequenceWindow), signed(first)];
      return [far, enabling];
    }
    case 'oversized': {
      const { blockBytesMax, operationsMax } = simulationGenesis.parameters;
      const operations = Array.from({ length: operationsMax }, () => ({
        number: probe.number,
        command: ['valuation-none', 1n, new Uint8Array(700)],
      }));
      const bytes = generator.sign(standing, key, operations, { sequence: first });
      return Array.from({ length: Math.ceil(blockBytesMax / bytes.length) + 1 }, () => bytes);
    }
    case 'too many': {
      const { blockEnvelopesMax, sequenceWindow } = simulationGenesis.parameters;
      const keys = ['operator', 'seller-1', 'seller-2', 'buyer-1', 'buyer-2', 'bank-1'].map(keyOf);
      return Array.from({ length: blockEnvelopesMax + 1 }, (_, index) => {
        const signer = keys[Math.floor(index / sequenceWindow)] ?? key;
        const sequence = standing.nextSequence(signer.keyId) + (index % sequenceWindow);
        return generator.sign(standing, signer, [probe], { sequence });
      });
    }
    case 'not an envelope':
      return insert(random.bytes(1 + random.below(200)));
  }
}
