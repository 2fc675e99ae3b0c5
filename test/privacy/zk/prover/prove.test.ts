import { expect } from 'chai';
import { OperationalError } from '../../../../src/base/operational-error.ts';
import type { CircuitArtefacts } from '../../../../src/privacy/zk/build/build-circuit.ts';
import { prove, type ProveRequest } from '../../../../src/privacy/zk/prover/prove.ts';
import { verifyProof } from '../../../../src/privacy/zk/verifier/verify.ts';
import {
  coldBuildMs,
  smallArtefacts,
  smallCircuitId,
  smallInputs,
  smallKey,
} from '../small-proof.ts';

describe('prove', () => {
  let artefacts: CircuitArtefacts;

  before(async function () {
    this.timeout(coldBuildMs);
    artefacts = await smallArtefacts();
  });

  const proveWith = (change: Partial<ProveRequest>): ReturnType<typeof prove> =>
    prove({ circuitId: smallCircuitId, artefacts, inputs: smallInputs, ...change });

  async function failureOf(change: Partial<ProveRequest>): Promise<OperationalError> {
    const thrown = await proveWith(change).catch((error: unknown) => error);
    if (thrown instanceof OperationalError) return thrown;
    throw new Error('no operational failure', { cause: thrown });
  }

  it('makes two different proofs of one statement, both valid', async () => {
    const [one, two] = await Promise.all([proveWith({}), proveWith({})]);
    expect(one.publics).to.deep.equal(two.publics);
    expect(one.proof).to.not.deep.equal(two.proof);
    const key = await smallKey();
    for (const { publics, proof } of [one, two]) {
      expect(verifyProof(key, publics, proof).ok).to.equal(true);
    }
  });

  it('names an unsatisfied statement without quoting an input', async () => {
    const secret = 271828182845904523536n;
    const column = smallInputs.column.map((element, row) => (row === 5 ? secret : element));
    const failure = await failureOf({ inputs: { ...smallInputs, column } });
    expect(failure.code).to.equal('ZK_WITNESS_UNSATISFIED');
    expect(`${failure.stack} ${String(failure.cause)}`).to.not.include(secret.toString());
  });

  it('refuses inputs that the circuit does not take', async () => {
    const { salt: _, ...withoutSalt } = smallInputs;
    for (const inputs of [withoutSalt, { ...smallInputs, other: 1n }]) {
      expect((await failureOf({ inputs })).code).to.equal('ZK_WITNESS_UNSATISFIED');
    }
  });

  it('names a missing file and what to run', async () => {
    const failure = await failureOf({ artefacts: { ...artefacts, zkeyPath: 'absent.zkey' } });
    expect(failure.code).to.equal('ZK_ARTEFACT_MISSING');
    expect(failure.message).to.include('dxl circuits build');
  });

  it('stops when it is cancelled, before or during the proof', async () => {
    expect((await failureOf({ signal: AbortSignal.abort() })).code).to.equal('ZK_CHILD_ABORTED');
    const controller = new AbortController();
    const failure = await failureOf({
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    expect(failure.code).to.equal('ZK_CHILD_ABORTED');
  });

  it('stops at its time limit', async () => {
    const failure = await failureOf({ timeoutMs: 20 });
    expect(failure.code).to.equal('ZK_CHILD_TIMEOUT');
  });
});
