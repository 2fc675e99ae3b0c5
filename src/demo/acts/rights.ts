import { setTimeout as pause } from 'node:timers/promises';
import { concat, fromHex, utf8 } from '../../base/bytes.ts';
import { commitment } from '../../base/hash.ts';
import { OperationalError } from '../../base/operational-error.ts';
import { openSealed, sealTo } from '../../client/sealing.ts';
import { assert } from '../../base/assert.ts';
import { inspectFile, type Inspection } from '../../data/shell/inspect.ts';
import {
  newSecrets,
  openingJson,
  registeredOf,
  type OpeningJson,
} from '../../data/shell/opening.ts';
import {
  certifyCommand,
  objectCommand,
  registrationCommand,
  resolveObjectionCommand,
  stateTableCommand,
  submitCommand,
} from '../../rights/schema.ts';
import { registrationRecord } from '../../rights/state.ts';
import { act, ids, newSalt, tableFile, type Scenario } from '../scenario.ts';

const registrationId = ids.registration;
/** Days that the table speaks of. */
export const coverage = { from: '1990-01-01', to: '2002-12-31' };
const registration = { registrationId };

/** What the seller's machine knows of its table: nobody else's but who buys it. */
export interface RegisteredTable {
  readonly inspection: Inspection;
  readonly opening: OpeningJson;
}

/** From the application to the certificate. */
export async function playRights(scenario: Scenario): Promise<RegisteredTable> {
  const { stage, player } = scenario;
  stage.act('Rights confirmation 确权');
  const applied = await stage.step(
    'seller',
    'applies for registration: fingerprint and evidence',
    () => apply(scenario),
  );
  const registrar = player('registrar');
  await stage.step('registrar', 'accepts the application and begins the review', () =>
    registrar.submit(
      act('rights.accept', registrationCommand, registration),
      act('rights.begin-review', registrationCommand, registration),
    ),
  );
  await stage.step(
    'registrar',
    'opens the sealed root: it is what the application commits to',
    () => openBareRoot(scenario, applied.letter),
  );
  await stage.step('registrar', 'finds it in order and opens the publicity', () =>
    registrar.submit(act('rights.open-publicity', registrationCommand, registration)),
  );
  await stage.step('stranger', 'objects: the records might be its own', () =>
    player('stranger').submit(
      act('rights.object', objectCommand, {
        objectionId: ids.objection,
        registrationId,
        ground: 'RIGHTS_OF_ANOTHER',
        statementCommitment: commitment(newSalt(), utf8('Our society reported some of these.')),
      }),
    ),
  );
  await stage.step('registrar', 'dismisses the objection, with its reason', () =>
    registrar.submit(
      act('rights.resolve-objection', resolveObjectionCommand, {
        objectionId: ids.objection,
        decision: 'DISMISSED',
        reason: 'Reporting a strike gives no right to the agency’s public compilation of reports.',
      }),
    ),
  );
  await stage.step('(ledger)', 'closes the publicity when its time has run out', (progress) =>
    publicityClosed(scenario, progress),
  );
  await stage.step('registrar', 'certifies: HOLD, USE and OPERATE', () =>
    registrar.submit(
      act('rights.certify', certifyCommand, { registrationId, registrarCode: '311' }),
    ),
  );
  return applied.table;
}

async function apply(scenario: Scenario) {
  const { player, dataset } = scenario;
  const seller = player('seller');
  const secrets = newSecrets();
  const inspection = await inspectFile(tableFile(scenario), {
    description: { table: dataset.table, file: null },
    seed: secrets.seed,
    coverage,
  });
  const registered = registeredOf(inspection, secrets.bareSalt);
  assert(registered, 'all rows of the table have one width');
  const { encryptionKey } = player('registrar').party;
  const documents = [
    ['LAWFUL_ACQUISITION', `${dataset.source}; ${dataset.licence}; taken over as published.`],
    ['SAMPLE', dataset.rows.slice(0, 20).join('\n')],
    ['DESCRIPTION', dataset.header.join(', ')],
  ] as const;
  const evidence = [];
  const letters: Uint8Array[] = [];
  for (const [kind, words] of documents) {
    const salt = newSalt();
    letters.push(sealTo(encryptionKey, concat(salt, utf8(words))));
    evidence.push({ kind, commitment: commitment(salt, utf8(words)) });
  }
  const receipt = await seller.submit(
    act('rights.submit', submitCommand, {
      registrationId,
      name: 'Wildlife strikes of aircraft',
      overview:
        'Reported strikes of birds and other wildlife on aircraft: place, time, operator, phase of ' +
        'flight, species, damage and cost.',
      industry: 'G56',
      source: 'COLLECTED',
      origin: 'OWN_COLLECTION',
      region: 'United States',
      coverageFrom: coverage.from,
      coverageTo: coverage.to,
      updateFrequency: 'ONCE',
      volumeRows: registered.rows,
      form: 'TABLE',
      restrictions: null,
      rights: { hold: true, use: true, operate: true },
      fingerprint: {
        rows: registered.rows,
        columns: registered.columns,
        contentCommitment: registered.bareCommitment,
        rowsRoot: registered.rowsRoot,
      },
      evidence,
      parentRegistrationId: null,
    }),
    act('rights.state-table', stateTableCommand, {
      registrationId,
      header: registered.header,
      description: registered.description ?? '',
    }),
  );
  const about = `registration/${registrationId}`;
  for (const letter of letters) await seller.putContent(letter, about);
  // The root without a salt is never published: the registrar alone is shown it, with what opens it.
  const bareRoot = concat(secrets.bareSalt, fromHex(inspection.examined.bare.root));
  const letter = await seller.putContent(sealTo(encryptionKey, bareRoot), about);
  return { ...receipt, letter, table: { inspection, opening: openingJson(inspection, secrets) } };
}

/** A letter is a salt of 32 bytes and what was committed to. Throws OperationalError DEMO_BARE_ROOT. */
async function openBareRoot({ player }: Scenario, letter: string) {
  const registrar = player('registrar');
  const opened = openSealed(registrar.party, await registrar.getContent(letter));
  const { fingerprint } = await registrar.read(registrationRecord, registrationId);
  const committed = commitment(opened.subarray(0, 32), opened.subarray(32));
  if (committed !== fingerprint.contentCommitment) {
    throw new OperationalError('DEMO_BARE_ROOT', 'The sealed root is not what was committed to.');
  }
  return { result: 'it opens the commitment' };
}

const publicityMsMax = 60_000;

async function publicityClosed({ player }: Scenario, progress: (fraction: number) => void) {
  const startedMs = Date.now();
  for (;;) {
    const { state, publicityEndsAtMs } = await player('registrar').read(
      registrationRecord,
      registrationId,
    );
    const waitedMs = Date.now() - startedMs;
    if (state === 'PUBLICITY_CLOSED') return { result: 'closed by itself' };
    if (waitedMs > publicityMsMax) {
      throw new OperationalError('DEMO_PUBLICITY', `The registration is still ${state}.`);
    }
    const leftMs = Math.max((publicityEndsAtMs ?? startedMs) - Date.now(), 0);
    progress(waitedMs / (waitedMs + leftMs + 1));
    await pause(100);
  }
}
