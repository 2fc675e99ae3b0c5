import type { Proposal, RulesVersion } from '../../../src/governance/schema.ts';
import { simulationGenesis } from '../cast.ts';
import { act, actor, anyOf, find, isRaised, type Act, type Scene } from '../scene.ts';
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

/** The first year of which the rules know no day; in a loose scene now and then another. */
function yearToCome({ view, loose, random }: Scene): number {
  const decided = view.all('rules-version') as unknown as RulesVersion[];
  const known = [simulationGenesis.rules, ...decided.map(({ pack }) => pack)];
  const years = known.map(({ calendar }) => Number(calendar.to.slice(0, 4)));
  return Math.max(...years) + (loose ? random.below(3) : 1);
}

/** A document for the rules to come, by the operator. */
const onRules = (name: string, weight: number, document: (scene: Scene) => object): Act =>
  act(name, weight, (scene) => {
    if (!isRaised(scene)) return null;
    const proposalId = scene.freshId('proposal');
    const facts = { proposalId, notBeforeHeight: scene.random.below(200), reason };
    return { by: actor(scene, 'operator'), command: { ...facts, ...document(scene) } };
  });

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
  onRules('governance.propose-rules', 0.2, (scene) => ({
    pack: { ...simulationGenesis.rules, version: scene.freshId('pack') },
  })),
  onRules('governance.propose-calendar-year', 0.2, (scene) => ({
    calendar: {
      ...{ year: yearToCome(scene), version: scene.freshId('calendar'), source: 'for this run' },
      ...{ holidays: [], workedWeekends: [] },
    },
  })),
  act('governance.confirm-no-notice', 0.1, (scene) =>
    isRaised(scene)
      ? { by: actor(scene, 'operator'), command: { year: yearToCome(scene), reason } }
      : null,
  ),
  onOpen('governance.approve', 0.4, 'regulator', {}),
  onOpen('governance.reject', 0.3, 'regulator', { reason }),
  onOpen('governance.withdraw', 0.2, 'operator', { reason }),
  act('governance.take-seat', 0.1, (scene) =>
    scene.loose || scene.view.all('regulator-seat').length === 0
      ? { by: actor(scene, anyOf(scene, 'regulator')), command: { reason } }
      : null,
  ),
];
