import { admission, cast, digestOf, keyOf, keyWithId, possessionOf } from '../cast.ts';
import { act, actor, anyOf, find, isRaised, type Act, type Scene } from '../scene.ts';
import type { Row } from '../view.ts';

interface KeyRow extends Row {
  readonly organisationId: string;
  readonly roles: readonly string[];
}

const admin = ({ random }: Scene): string => random.pick(cast)?.id ?? 'operator';

/** Keys that can still sign, of an organisation that has more than one of them. */
function spareKey(scene: Scene): KeyRow | undefined {
  const keys = (scene.view.all('key') as KeyRow[]).filter(({ state }) => state === 'ACTIVE');
  return find<KeyRow>(
    scene,
    'key',
    ({ id, state, organisationId }) =>
      state === 'ACTIVE' &&
      keys.some((key) => key.id !== id && key.organisationId === organisationId),
  );
}

/** By the operator or the organisation: what became of a recovery in its publicity. */
const onRecovery = (name: string, byOrganisation: boolean): Act =>
  act(name, 0.3, (scene) => {
    const isOpen = ({ state }: Row): boolean => state === 'PROPOSED';
    const found = isRaised(scene) && find<RecoveryRow>(scene, 'recovery', isOpen);
    if (!found) return null;
    const proper = byOrganisation ? found.organisationId : 'operator';
    const command = { recoveryId: found.id, reason: 'The key was found' };
    return { by: actor(scene, proper), command };
  });

interface RecoveryRow extends Row {
  readonly organisationId: string;
}

const standing = (state: string) => (row: Row) => row.state === state && row.id !== 'operator';

export const identityActs: readonly Act[] = [
  act('identity.admit', 0.3, (scene) => {
    const id = scene.loose ? admin(scene) : scene.freshId('guest');
    const roles = scene.random.chance(0.5) ? (['BUYER'] as const) : (['WORKER'] as const);
    const key = keyOf(scene.freshId('guest-key'));
    return { by: actor(scene, 'operator'), command: admission({ id, roles, owner: null }, key) };
  }),
  act('identity.add-key', 0.3, (scene) => {
    const by = admin(scene);
    const key = keyOf(scene.freshId(`${by}-key`));
    const roles = cast.find(({ id }) => id === by)?.roles ?? [];
    const possession = possessionOf(key, scene.loose ? 'operator' : by);
    return { by, command: { publicKey: key.publicKey, roles: [...roles], possession } };
  }),
  act('identity.rotate-key', 0.2, (scene) => {
    const by = admin(scene);
    const key = keyOf(scene.freshId(`${by}-key`));
    return { by, command: { publicKey: key.publicKey, possession: possessionOf(key, by) } };
  }),
  act('identity.revoke-key', 0.3, (scene) => {
    const key = spareKey(scene);
    if (!key || (!scene.loose && !keyWithId(key.id))) return null;
    const keyId = scene.loose && scene.random.chance(0.2) ? digestOf('no key') : key.id;
    return {
      by: actor(scene, scene.random.chance(0.5) ? 'operator' : key.organisationId),
      command: { keyId, reason: 'lost' },
    };
  }),
  act('identity.suspend', 0.15, (scene) => {
    const found = find(scene, 'organisation', standing('ACTIVE'));
    if (!found) return null;
    const reason = 'under investigation';
    return { by: actor(scene, 'operator'), command: { organisationId: found.id, reason } };
  }),
  act('identity.reinstate', 4, (scene) => {
    const found = find(scene, 'organisation', standing('SUSPENDED'));
    if (!found) return null;
    return {
      by: scene.loose ? anyOf(scene, 'buyer') : 'operator',
      command: { organisationId: found.id, reason: 'cleared' },
    };
  }),
  act('identity.restate', 0.3, (scene) => {
    const found = isRaised(scene) && scene.random.pick(cast);
    if (!found) return null;
    const { id, roles, owner } = found;
    const fewer = scene.loose && scene.random.chance(0.5);
    const name = scene.freshId(id);
    const facts = { organisationId: id, name, beneficialOwner: owner, reason: 'renamed' };
    const command = { ...facts, roles: fewer ? roles.slice(0, 1) : [...roles] };
    return { by: actor(scene, 'operator'), command };
  }),
  act('identity.change-sealing-key', 0.2, (scene) =>
    isRaised(scene)
      ? { by: admin(scene), command: { encryptionKey: digestOf(scene.freshId('sealing')) } }
      : null,
  ),
  act('identity.propose-recovery', 0.3, (scene) => {
    if (!isRaised(scene)) return null;
    const organisationId = admin(scene);
    const key = keyOf(scene.freshId(`${organisationId}-key`));
    const command = {
      ...{ recoveryId: key.keyId, organisationId, publicKey: key.publicKey, encryptionKey: null },
      ...{ evidence: digestOf('a letter'), reason: 'the key is lost' },
      possession: possessionOf(key, scene.loose ? 'operator' : organisationId),
    };
    return { by: actor(scene, 'operator'), command };
  }),
  onRecovery('identity.refuse-recovery', true),
  onRecovery('identity.withdraw-recovery', false),
];
