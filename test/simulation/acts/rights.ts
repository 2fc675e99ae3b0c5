import { facts as rightsFacts } from '../../rights/fixture.ts';
import { cast, digestOf } from '../cast.ts';
import { act, actor, anyOf, find, isRaised, type Act, type Move, type Scene } from '../scene.ts';
import type { Row } from '../view.ts';

interface RegistrationRow extends Row {
  readonly applicant: string;
  readonly registrar: string | null;
  readonly publicityEndsAtMs: number | null;
  readonly reviewExtended: boolean;
}

interface ObjectionRow extends Row {
  readonly registrationId: string;
  readonly objector: string;
}

/** What is registered: the same facts but for the fingerprint, which names the registration. */
export const registrationFacts = (registrationId: string) => ({
  ...rightsFacts,
  fingerprint: {
    ...rightsFacts.fingerprint,
    contentCommitment: digestOf(`${registrationId} content`),
    rowsRoot: digestOf(`${registrationId} rows`),
  },
});

const registration = (scene: Scene, ...states: string[]): RegistrationRow | undefined =>
  find<RegistrationRow>(scene, 'registration', ({ state }) => states.includes(String(state)));

const registrarOf = (scene: Scene, row: RegistrationRow): string =>
  actor(scene, row.registrar ?? anyOf(scene, 'registrar'));

/** A step of the registrar on a registration in one of these states. */
const byRegistrar = (
  name: string,
  weight: number,
  states: readonly string[],
  more: Record<string, unknown> = {},
): Act =>
  act(name, weight, (scene) => {
    const row = registration(scene, ...states);
    return row
      ? { by: registrarOf(scene, row), command: { registrationId: row.id, ...more } }
      : null;
  });

const reason = { reason: 'as examined' };

function openObjection(scene: Scene): ObjectionRow | undefined {
  return find<ObjectionRow>(scene, 'objection', ({ state }) => state === 'OPEN');
}

function resolve(scene: Scene): Omit<Move, 'name'> | null {
  const objection = openObjection(scene);
  if (!objection) return null;
  const row = scene.view.get('registration', objection.registrationId) as RegistrationRow;
  const decision = scene.random.chance(0.8) ? 'DISMISSED' : 'UPHELD';
  const command = { objectionId: objection.id, decision, reason: 'as heard' };
  return { by: registrarOf(scene, row), command };
}

/** Few applications at a time get further than many. */
const isBusy = ({ view }: Scene): boolean => {
  const rows = view.all('registration');
  const ended = ['REFUSED', 'TERMINATED', 'EXPIRED', 'DEREGISTERED', 'ACTIVE'];
  return rows.length > 15 || rows.filter(({ state }) => !ended.includes(String(state))).length > 2;
};

export const rightsActs: readonly Act[] = [
  act('rights.submit', 0.6, (scene) => {
    if (!scene.loose && isBusy(scene)) return null;
    const registrationId = scene.freshId('registration');
    const by = actor(scene, anyOf(scene, 'seller'));
    const rights = { ...rightsFacts.rights, operate: scene.random.chance(0.9) };
    return { by, command: { registrationId, ...registrationFacts(registrationId), rights } };
  }),
  act('rights.resubmit', 2, (scene) => {
    const row = registration(scene, 'RETURNED_FOR_FIX');
    if (!row) return null;
    const command = { registrationId: row.id, ...registrationFacts(row.id) };
    return { by: actor(scene, row.applicant), command };
  }),
  act('rights.state-table', 2, (scene) => {
    const row = isRaised(scene) && registration(scene, 'SUBMITTED');
    if (!row) return null;
    const [header, description] = [digestOf(`${row.id} names`), digestOf(`${row.id} columns`)];
    return {
      by: actor(scene, row.applicant),
      command: { registrationId: row.id, header, description },
    };
  }),
  byRegistrar('rights.return-for-fix', 0.2, ['SUBMITTED'], reason),
  byRegistrar('rights.accept', 3, ['SUBMITTED']),
  byRegistrar('rights.begin-review', 3, ['ACCEPTED']),
  byRegistrar('rights.refuse', 0.1, ['UNDER_REVIEW', 'PUBLICITY_CLOSED'], reason),
  byRegistrar('rights.open-publicity', 1, ['UNDER_REVIEW']),
  byRegistrar('rights.waive-publicity', 2, ['UNDER_REVIEW'], reason),
  byRegistrar('rights.extend-review', 0.3, ['UNDER_REVIEW'], reason),
  act('rights.resolve-objection', 1, resolve),
  act('rights.certify', 5, (scene) => {
    const row = registration(scene, 'PUBLICITY_CLOSED');
    if (!row) return null;
    const by = registrarOf(scene, row);
    const registrarCode = by === 'registrar-1' ? '311' : '312';
    return { by, command: { registrationId: row.id, registrarCode } };
  }),
  act('rights.object', 2, (scene) => {
    const row = registration(scene, 'PUBLICITY', 'OBJECTED');
    if (!row) return null;
    const others = cast.filter(
      ({ id }) => scene.loose || (id !== row.applicant && id !== row.registrar),
    );
    const command = {
      objectionId: scene.freshId('objection'),
      registrationId: row.id,
      ground: 'RIGHTS_OF_ANOTHER',
      statementCommitment: digestOf('statement'),
    };
    return { by: scene.random.pick(others)?.id ?? 'buyer-1', command };
  }),
  act('rights.withdraw-objection', 1, (scene) => {
    const objection = openObjection(scene);
    return objection
      ? { by: actor(scene, objection.objector), command: { objectionId: objection.id } }
      : null;
  }),
  act('rights.deregister', 0.08, (scene) => {
    const row = registration(scene, 'ACTIVE');
    return row
      ? { by: actor(scene, row.applicant), command: { registrationId: row.id, ...reason } }
      : null;
  }),
];
