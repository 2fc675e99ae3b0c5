import { admission, cast, digestOf, keyOf, keyWithId, possessionOf } from '../cast.ts';
import { act, actor, anyOf, find, type Act, type Scene } from '../scene.ts';
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
];
