import type { Proposal } from '../../../src/governance/schema.ts';
import { act, actor, anyOf, find, type Act, type Scene } from '../scene.ts';
import type { Row } from '../view.ts';

type ProposalRow = Proposal & Row;

const open = ({ state }: ProposalRow): boolean => state === 'PROPOSED';

const onOpen = (name: string, weight: number, proper: string, more: Record<string, unknown>): Act =>
  act(name, weight, (scene) => {
    const proposal = find<ProposalRow>(scene, 'proposal', open);
    if (!proposal) return null;
    const by = proper === 'regulator' ? anyOf(scene, proper) : proper;
    return { by: actor(scene, by), command: { proposalId: proposal.id, ...more } };
  });

/** The version above the highest that is decided; in a loose scene now and then another. */
const nextVersion = ({ view, loose, random }: Scene): number =>
  view.all('machine-version').length + (loose ? random.below(4) : 2);

const reason = 'as proposed';

export const governanceActs: readonly Act[] = [
  act('governance.propose', 0.4, (scene) => ({
    by: actor(scene, 'operator'),
    command: {
      proposalId: scene.freshId('proposal'),
      kind: 'MACHINE_VERSION',
      value: nextVersion(scene),
      digest: null,
      notBeforeHeight: scene.random.below(200),
      reason,
    },
  })),
  onOpen('governance.approve', 0.4, 'regulator', {}),
  onOpen('governance.reject', 0.3, 'regulator', { reason }),
  onOpen('governance.withdraw', 0.2, 'operator', { reason }),
  act('governance.take-seat', 0.1, (scene) =>
    scene.loose || scene.view.all('regulator-seat').length === 0
      ? { by: actor(scene, anyOf(scene, 'regulator')), command: { reason } }
      : null,
  ),
];
