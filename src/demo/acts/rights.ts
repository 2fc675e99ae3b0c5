import { setTimeout as pause } from 'node:timers/promises';
import { concat, utf8 } from '../../base/bytes.ts';
import { commitment } from '../../base/hash.ts';
import { OperationalError } from '../../base/operational-error.ts';
import { sealTo } from '../../client/sealing.ts';
import { fingerprintRows } from '../../rights/fingerprint.ts';
import {
  certifyCommand,
  objectCommand,
  registrationCommand,
  resolveObjectionCommand,
  submitCommand,
} from '../../rights/schema.ts';
import { registrationRecord } from '../../rights/state.ts';
import { act, ids, newSalt, type Scenario } from '../scenario.ts';

const registrationId = ids.registration;
const registration = { registrationId };

/** From the application to the certificate. @returns the seller's secret salt of the fingerprint. */
export async function playRights(scenario: Scenario): Promise<Uint8Array> {
  const { stage, player } = scenario;
  stage.act('Rights confirmation 确权');
  const tableSalt = newSalt();
  await stage.step('seller', 'applies for registration: fingerprint and evidence', () =>
    apply(scenario, tableSalt),
  );
  const registrar = player('registrar');
  await stage.step('registrar', 'accepts the application and begins the review', () =>
    registrar.submit(
      act('rights.accept', registrationCommand, registration),
      act('rights.begin-review', registrationCommand, registration),
    ),
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
  return tableSalt;
}

async function apply({ player, dataset }: Scenario, tableSalt: Uint8Array) {
  const seller = player('seller');
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
      coverageFrom: '1990-01-01',
      coverageTo: '2002-12-31',
      updateFrequency: 'ONCE',
      volumeRows: dataset.rows.length,
      form: 'TABLE',
      restrictions: null,
      rights: { hold: true, use: true, operate: true },
      fingerprint: fingerprintRows(dataset.rows, tableSalt),
      evidence,
      parentRegistrationId: null,
    }),
  );
  for (const letter of letters) await seller.putContent(letter, `registration/${registrationId}`);
  return receipt;
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
