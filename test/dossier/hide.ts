/** What a party leaves out of its dossier, with the help of an exchange that gives nothing of it. */
import { assert } from '../../src/base/assert.ts';
import type { Hex } from '../../src/base/bytes.ts';
import { encodeCbor } from '../../src/base/cbor.ts';
import { decodeLeaf } from '../../src/chain/machine/leaf.ts';
import type { DossierSource } from '../../src/client/dossier/source.ts';
import type { World } from './world.ts';

/** The id of the newest envelope. */
export function newestEnvelope({ leaves }: World): Hex {
  const id = decodeLeaf(leaves.at(-1) ?? new Uint8Array()).envelopeId;
  assert(id, 'an envelope wrote it');
  return id;
}

const isHidden = (hidden: readonly Hex[], id: Hex | null): boolean =>
  id !== null && hidden.includes(id);

/** As the log would have it without some envelopes. */
function valueWithout(world: World, key: string, hidden: readonly Hex[]): Uint8Array | null {
  const leaf = world.leaves
    .map(decodeLeaf)
    .findLast(
      (it) =>
        it.type === 'event' && `${it.kind}/${it.id}` === key && !isHidden(hidden, it.envelopeId),
    );
  return leaf?.type === 'event' ? encodeCbor(leaf.record) : null;
}

/** An exchange that knows nothing of some envelopes, with whose help an attacker assembles. */
export const hiding = (world: World, hidden: readonly Hex[]): DossierSource => ({
  genesis: () => world.genesis(),
  transaction: (id) => world.transaction(id),
  verificationKey: () => world.verificationKey(),
  eventsOf: async (kind, id) =>
    (await world.eventsOf(kind, id)).filter(({ envelopeId }) => !isHidden(hidden, envelopeId)),
  proofs: async (wanted) => {
    const proved = await world.proofs(wanted);
    const asBefore = ({ key, proof }: { key: string; proof: Uint8Array }) => ({
      key,
      proof,
      value: valueWithout(world, key, hidden),
    });
    return { ...proved, state: proved.state.map(asBefore) };
  },
});
