/** The registration that the scenario's product rests on, and one that it may derive from. */
import { utf8 } from '../../src/base/bytes.ts';
import { commitment, sha256Hex } from '../../src/base/hash.ts';
import { headerDigest } from '../../src/data/fingerprint/fingerprint.ts';
import { fingerprintRows } from '../support/fingerprint-1.ts';
import { saltOf, type World } from './world.ts';

export const registrationId = 'registration-1';

export const evidenceText = utf8('Taken over as published, in the public domain.');

export const sourceId = 'registration-0';

/** An application for a table of its own: its salt, and with it its roots, follow from the id. */
function submitApplication(world: World, id: string, derivation: Record<string, unknown>): void {
  const rows = Array.from({ length: 400 }, (_, row) => [`state-${row % 7}`, String(row), 'x']);
  const kinds = ['LAWFUL_ACQUISITION', 'SAMPLE', 'DESCRIPTION'];
  const evidence = kinds.map((kind) => ({
    kind,
    commitment: commitment(saltOf(`evidence/${kind}`), evidenceText),
  }));
  world.submit('seller', [
    'rights.submit',
    {
      registrationId: id,
      name: 'Strikes',
      overview: 'Reported strikes.',
      industry: 'G56',
      source: 'COLLECTED',
      origin: 'OWN_COLLECTION',
      region: '中国',
      coverageFrom: '1990-01-01',
      coverageTo: '2002-12-31',
      updateFrequency: 'ONCE',
      volumeRows: rows.length,
      form: 'TABLE',
      restrictions: null,
      rights: { hold: true, use: true, operate: true },
      fingerprint: fingerprintRows(rows, saltOf(id === registrationId ? 'table' : `table/${id}`)),
      evidence,
      parentRegistrationId: null,
      ...derivation,
    },
  ]);
  if (world.machine.nextVersion() < 2) return;
  const header = headerDigest(['state', 'number', 'kind']);
  const description = sha256Hex(utf8('columns'));
  world.submit('seller', ['rights.state-table', { registrationId: id, header, description }]);
}

/** What the product derives from, registered without an objection. */
export function registerSource(world: World): void {
  const registration = { registrationId: sourceId };
  submitApplication(world, sourceId, {});
  world.submit('registrar', ['rights.accept', registration], ['rights.begin-review', registration]);
  world.submit('registrar', ['rights.open-publicity', registration]);
  world.wait(60_000);
  world.submit('registrar', ['rights.certify', { ...registration, registrarCode: '311' }]);
}

export function register(world: World, isDerived: boolean): void {
  const derivation = { source: 'DERIVED', origin: 'DERIVED', parentRegistrationId: sourceId };
  submitApplication(world, registrationId, isDerived ? derivation : {});
  world.submit(
    'registrar',
    ['rights.accept', { registrationId }],
    ['rights.begin-review', { registrationId }],
  );
  world.submit('registrar', ['rights.open-publicity', { registrationId }]);
  world.submit('stranger', [
    'rights.object',
    {
      objectionId: 'objection-1',
      registrationId,
      ground: 'RIGHTS_OF_ANOTHER',
      statementCommitment: commitment(saltOf('statement'), utf8('They are mine.')),
    },
  ]);
  world.submit('registrar', [
    'rights.resolve-objection',
    { objectionId: 'objection-1', decision: 'DISMISSED', reason: 'Shown to be of another set.' },
  ]);
  world.wait(60_000);
  world.submit('registrar', ['rights.certify', { registrationId, registrarCode: '311' }]);
}
