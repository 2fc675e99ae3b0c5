/** Dossiers that are assembled while the exchange goes on. */
import { expect } from 'chai';
import { assembleDossier } from '../../../src/client/dossier/assemble.ts';
import type { DossierSource } from '../../../src/client/dossier/source.ts';
import { organisationRecord } from '../../../src/identity/state.ts';
import { verifyDossier } from '../../../src/dossier/verify.ts';
import { playScenario, scenarioTrades } from '../../dossier/scenario.ts';
import { keyOf, type World } from '../../dossier/world.ts';
import { coldBuildMs } from '../../privacy/zk/small-proof.ts';

describe('assembleDossier', function () {
  this.timeout(coldBuildMs);
  let world: World;

  before(async () => {
    world = await playScenario();
  });

  const options = { trades: scenarioTrades, key: keyOf('buyer') };

  /** worker-a, of whom the dossier tells, changes. */
  function goOn(): void {
    const organisationId = 'worker-a';
    const { state } = world.get(organisationRecord, organisationId);
    const verb = state === 'ACTIVE' ? 'suspend' : 'reinstate';
    world.submit('operator', [`identity.${verb}`, { organisationId, reason: 'As ordered.' }]);
  }

  /** The world, which `step` moves before or after requests for state keys, by their number. */
  function moving(step: (request: number) => void, moment: 'before' | 'after') {
    let requests = 0;
    const heights = new Set<number | undefined>();
    const source: DossierSource = {
      genesis: () => world.genesis(),
      transaction: (id) => world.transaction(id),
      verificationKey: () => world.verificationKey(),
      eventsOf(kind, id, minHeight) {
        heights.add(minHeight);
        return world.eventsOf(kind, id);
      },
      async proofs(wanted) {
        const forKeys = (wanted.keys ?? []).length > 0;
        if (forKeys) requests += 1;
        if (forKeys && moment === 'before') step(requests);
        const proved = await world.proofs(wanted);
        if (forKeys && moment === 'after') step(requests);
        return proved;
      },
    };
    return { source, heights, count: () => requests };
  }

  const holds = (bytes: Uint8Array): void => {
    const failed = verifyDossier(bytes).claims.filter(({ outcome }) => outcome === 'FAILS');
    expect(failed.map(({ id, reasons }) => [id, reasons])).to.deep.equal([]);
  };

  it('reads anew what changed between its events and its state, from that height on', async () => {
    const { source, heights, count } = moving((request) => request === 1 && goOn(), 'before');
    const bytes = await assembleDossier(source, options);
    holds(bytes);
    expect(count()).to.equal(2);
    const { height } = world.machine.head;
    expect([...heights]).to.deep.equal([undefined, height]);
    expect(verifyDossier(bytes).checkpoint?.height).to.equal(height);
  });

  it('asks in batches, and again where the state changed between two of them', async () => {
    const small = { ...options, batchMax: 20 };
    const still = moving(() => undefined, 'after');
    const bytes = await assembleDossier(still.source, small);
    holds(bytes);
    expect(still.count()).to.be.greaterThan(2);
    expect(bytes).to.deep.equal(await assembleDossier(world, options));
    const idle = moving((request) => request === 2 && world.wait(1), 'after');
    holds(await assembleDossier(idle.source, small));
    expect(idle.count()).to.equal(still.count());
    const moved = moving((request) => request === 2 && goOn(), 'after');
    holds(await assembleDossier(moved.source, small));
    expect(moved.count()).to.be.greaterThan(still.count());
  });

  it('gives up where the records change as fast as it reads', async () => {
    const { source, count } = moving(goOn, 'before');
    const refusal = await assembleDossier(source, options).catch((error: unknown) => error);
    expect(refusal).to.include({ code: 'DOSSIER_OVERTAKEN' });
    expect(count()).to.equal(8);
  });

  it('says which trade is not known', async () => {
    const unknown = { ...options, trades: ['trade-none'] };
    const refusal = await assembleDossier(world, unknown).catch((error: unknown) => error);
    expect(refusal).to.include({ code: 'DOSSIER_TRADE_UNKNOWN' });
  });
});
