import type { Job } from '../../../src/privacy/jobs/schema.ts';
import { releaseOf, spec } from '../../privacy/jobs/jobs-world.ts';
import { digestOf } from '../cast.ts';
import { act, actor, find, type Act, type Scene } from '../scene.ts';
import type { Row } from '../view.ts';

type JobRow = Job & Row;

interface LicenceRow extends Row {
  readonly licensee: string;
  readonly purpose: string;
  readonly tradeId: string;
}

const step = (
  name: string,
  weight: number,
  fits: (job: JobRow) => boolean,
  by: (job: JobRow, scene: Scene) => string,
  more: (job: JobRow, scene: Scene) => Record<string, unknown>,
): Act =>
  act(name, weight, (scene) => {
    const job = find<JobRow>(scene, 'job', fits);
    return job
      ? { by: actor(scene, by(job, scene)), command: { jobId: job.id, ...more(job, scene) } }
      : null;
  });

const inState =
  (...states: string[]) =>
  ({ state }: JobRow): boolean =>
    states.includes(state);

const reviewer = (_: JobRow, { random }: Scene): string =>
  random.one(['reviewer-1', 'reviewer-2', 'reviewer-3', 'reviewer-4']);

function freeWorker({ attestations }: JobRow, { random }: Scene): string {
  const free = ['worker-1', 'worker-2', 'worker-3'].filter(
    (id) => !attestations.some(({ organisationId }) => organisationId === id),
  );
  return random.pick(free) ?? 'worker-1';
}

const inputs = (jobId: string) => ({
  root: digestOf(`${jobId} root`),
  publicKeyDigest: digestOf(`${jobId} key`),
  chunks: 8,
  bytes: 263_696,
});

export const jobActs: readonly Act[] = [
  act('job.request', 1.5, (scene) => {
    const { view } = scene;
    const licence = find<LicenceRow>(scene, 'licence', ({ state, purpose, tradeId }) => {
      const trade = view.get('trade', tradeId);
      return state === 'ACTIVE' && purpose === 'COMPUTE' && trade?.state !== 'SUSPENDED';
    });
    if (!licence) return null;
    const jobId = scene.freshId('job');
    const command = {
      jobId,
      licenceId: licence.id,
      spec: scene.loose ? { ...spec, cohortMinimum: 2 } : spec,
      specHash: digestOf(`${jobId} spec`),
      nonceDigest: digestOf(`${jobId} nonce`),
    };
    return { by: actor(scene, licence.licensee), command };
  }),
  step('job.approve', 4, inState('AWAITING_APPROVAL'), reviewer, ({ specHash }) => ({ specHash })),
  step('job.reject', 0.1, inState('AWAITING_APPROVAL', 'OUTPUT_REVIEW'), reviewer, () => ({
    reason: 'too narrow',
  })),
  step(
    'job.commit-inputs',
    4,
    inState('APPROVED'),
    ({ seller }) => seller,
    ({ id }) => inputs(id),
  ),
  step('job.attest', 5, inState('PROVISIONED', 'VERIFYING'), freeWorker, ({ id }, { random }) => ({
    resultDigest: digestOf(random.chance(0.93) ? `${id} result` : 'another result'),
  })),
  step(
    'job.propose-release',
    5,
    ({ state, release }) => state === 'OUTPUT_REVIEW' && release === null,
    ({ seller }) => seller,
    ({ id }) => ({ commitment: releaseOf(id), groups: spec.groups }),
  ),
  step(
    'job.release',
    5,
    ({ state, release }) => state === 'OUTPUT_REVIEW' && release !== null,
    reviewer,
    ({ id }) => ({ commitment: releaseOf(id) }),
  ),
  step(
    'job.cancel',
    0.1,
    inState('AWAITING_APPROVAL', 'APPROVED', 'PROVISIONED', 'VERIFYING'),
    ({ buyer, seller }, { random }) => (random.chance(0.5) ? buyer : seller),
    () => ({ reason: 'changed plans' }),
  ),
];
