/** C06: organisations, keys, roles, and who may do what. */
import { fromHex } from '../../base/bytes.ts';
import { encodeCbor } from '../../base/cbor.ts';
import { taggedHash } from '../../base/hash.ts';
import { keyIdOf } from '../../base/key-id.ts';
import type { Role } from '../../base/roles.ts';
import type { Key, Organisation, Recovery } from '../../identity/schema.ts';
import { creditCodeId } from '../../identity/credit-code.ts';
import {
  creditCodeRecord,
  keyRecord,
  organisationRecord,
  recoveryRecord,
} from '../../identity/state.ts';
import {
  causeOf,
  eventsOf,
  historyOf,
  recordBefore,
  type Evidence,
  type LoggedEvent,
  type LoggedReceipt,
  type ReadEnvelope,
  type ReadOperation,
} from '../evidence.ts';
import { sameValue, valueAt } from '../paths.ts';
import type { Finding } from '../../proof/report.ts';
import { verifySignature } from '../../proof/signature.ts';
import { checkSteps } from '../steps.ts';
import { doerOf, stepText, whenText } from '../words.ts';
import { signerOf, subjectEvent } from './envelopes.ts';

/** Duties that one organisation must not unite. */
const conflictingRoles: readonly (readonly [Role, Role])[] = [
  ['REGISTRAR', 'SELLER'],
  ['REGISTRAR', 'BUYER'],
  ['REVIEWER', 'SELLER'],
  ['REVIEWER', 'BUYER'],
  ['APPRAISER', 'SELLER'],
  ['APPRAISER', 'BUYER'],
  ['BANK', 'SELLER'],
  ['BANK', 'BUYER'],
  ['WORKER', 'SELLER'],
  ['WORKER', 'BUYER'],
  ['REGULATOR', 'SELLER'],
  ['REGULATOR', 'BUYER'],
  ['REGULATOR', 'REVIEWER'],
  ['REGULATOR', 'REGISTRAR'],
  ['REGULATOR', 'BANK'],
];

export function judgeIdentities(evidence: Evidence): Finding {
  const found = checkSteps(evidence, ['organisation', 'credit-code', 'key', 'recovery']);
  const organisations = eventsOf(evidence, organisationRecord);
  for (const event of organisations) {
    found.push(...checkOrganisation(evidence, event).map((fault) => `${event.leaf.id}: ${fault}`));
  }
  for (const event of eventsOf(evidence, keyRecord)) {
    const name = `key ${event.leaf.id.slice(0, 12)}`;
    found.push(...checkKey(evidence, event).map((fault) => `${name}: ${fault}`));
  }
  for (const [id, read] of evidence.envelopes) {
    const receipt = evidence.receipts.get(id);
    if (!receipt) continue;
    const name = `envelope ${id.slice(0, 12)}`;
    found.push(...checkDuties(evidence, read, receipt).map((fault) => `${name}: ${fault}`));
  }
  const ids = new Set(organisations.map(({ leaf }) => leaf.id));
  return { problems: found, facts: [...ids].map((id) => admissionFact(evidence, id)) };
}

/** An admission is the operator's word of that moment: its date stands beside the first deed. */
function admissionFact(evidence: Evidence, id: string): string {
  const [admitted] = historyOf(evidence, organisationRecord, id);
  if (!admitted) return `${id}: its admission is not here`;
  const deed = evidence.events.find(
    (event) => event.leaf.envelopeId !== null && doerOf(evidence, event) === id,
  );
  const first = deed
    ? `first signed on ${whenText(evidence, deed.leaf.timeMs)}`
    : 'signed nothing here';
  return `${id}: ${stepText(evidence, admitted)}; ${first}`;
}

function checkOrganisation(
  evidence: Evidence,
  { leaf, record }: LoggedEvent<Organisation>,
): string[] {
  const found = leaf.name === 'identity.admitted' ? checkAdmission(evidence, leaf, record) : [];
  const isOperator = record.id === evidence.genesis.operator.organisationId;
  if (!isOperator && record.roles.includes('OPERATOR')) found.push('it has the operator’s role');
  const code = creditCodeId(record.jurisdiction, record.creditCode);
  const holder = historyOf(evidence, creditCodeRecord, code).at(-1)?.record.organisationId;
  if (holder !== record.id) found.push('its credit code is another’s, or nobody’s');
  const united = conflictingRoles.find((pair) => pair.every((role) => record.roles.includes(role)));
  if (united) found.push(`it unites ${united.join(' and ')}`);
  return found;
}

function checkAdmission(
  { genesis: { operator } }: Evidence,
  leaf: LoggedEvent['leaf'],
  record: Organisation,
): string[] {
  const isOperator = record.id === operator.organisationId;
  if (isOperator !== (leaf.envelopeId === null)) {
    return ['genesis admits the operator and nobody else'];
  }
  const facts = ['name', 'creditCode', 'jurisdiction', 'encryptionKey'] as const;
  const differs = isOperator && facts.some((name) => operator[name] !== record[name]);
  return differs ? ['it is not as in genesis'] : [];
}

function checkKey(evidence: Evidence, event: LoggedEvent<Key>): string[] {
  const { leaf, logIndex, record: key } = event;
  if (leaf.name !== 'identity.key-added') return [];
  const found = keyIdOf(key.publicKey) === key.id ? [] : ['its id is not made from its public key'];
  const { organisationId } = key;
  const organisation = recordBefore(evidence, organisationRecord, organisationId, logIndex);
  if (!organisation) return [...found, 'its organisation was not admitted before'];
  if (!key.roles.every((role) => organisation.roles.includes(role))) {
    found.push('it has a role that its organisation does not hold');
  }
  const { operator } = evidence.genesis;
  if (leaf.envelopeId !== null) {
    return [...found, ...checkPossession(evidence, event, causeOf(evidence, event))];
  }
  const proposed = proposalOf(evidence, event);
  if (proposed) {
    if (leaf.timeMs < proposed.record.publicUntilMs) {
      found.push('its publicity had not passed when it was registered');
    }
    return [...found, ...checkPossession(evidence, event, causeOf(evidence, proposed))];
  }
  const isOperators = operator.organisationId === organisationId;
  if (!isOperators || operator.publicKey !== key.publicKey) found.push('it is not of genesis');
  return found;
}

/** Of a key that no envelope registered: the recovery by which its organisation came to it. */
function proposalOf(
  evidence: Evidence,
  { logIndex, record: key }: LoggedEvent<Key>,
): LoggedEvent<Recovery> | undefined {
  const proposed = historyOf(evidence, recoveryRecord, key.id).find(
    ({ leaf }) => leaf.name === 'identity.recovery-proposed',
  );
  if (!proposed || proposed.logIndex > logIndex) return undefined;
  return proposed.record.organisationId === key.organisationId ? proposed : undefined;
}

/** Who has a key registered shows that he holds it, for this organisation on this chain. */
function checkPossession(
  evidence: Evidence,
  event: LoggedEvent<Key>,
  cause: ReadOperation | null,
): string[] {
  const { publicKey, organisationId, roles } = event.record;
  if (!cause) return ['the envelope that registered it is not here'];
  const { command } = cause;
  const found: string[] = [];
  if (command['publicKey'] !== publicKey) found.push('it is not the key that was signed for');
  if (command['roles'] !== undefined && !sameValue(command['roles'], roles)) {
    found.push('its roles are not those that were signed for');
  }
  const claim = taggedHash(
    'dxl/key-possession/1',
    encodeCbor([evidence.genesis.chainId, organisationId, fromHex(publicKey)]),
  );
  const possession = command['possession'];
  const held =
    typeof possession === 'string' &&
    verifySignature(fromHex(publicKey), claim, fromHex(possession));
  if (!held) found.push('its possession was not shown');
  return found;
}

/** Each operation by a key with one of its roles, and by the party whose step it is. */
function checkDuties(evidence: Evidence, read: ReadEnvelope, receipt: LoggedReceipt): string[] {
  const key = signerOf(evidence, read, receipt);
  if (!key) return ['who signed it is not known'];
  // A role that its organisation had lost was lost by the key.
  const { logIndex } = receipt;
  const organisation = recordBefore(evidence, organisationRecord, key.organisationId, logIndex);
  const held = key.roles.filter((role) => organisation?.roles.includes(role));
  return (read.operations ?? []).flatMap((operation, number) => {
    const { rule } = operation;
    if (rule.roles.length > 0 && !rule.roles.some((role) => held.includes(role))) {
      return [`${rule.name} asks for ${rule.roles.join(' or ')}; the key holds ${held.join(', ')}`];
    }
    const caused = evidence.caused.get(read.envelope.id) ?? [];
    const events = caused.filter(({ leaf }) => leaf.operation === number);
    const subject = subjectEvent(operation, events);
    const named = rule.actor.map((path) => valueAt(subject?.record, path));
    return named.length === 0 || named.includes(key.organisationId)
      ? []
      : [`${rule.name} is not ${key.organisationId}’s to do`];
  });
}
