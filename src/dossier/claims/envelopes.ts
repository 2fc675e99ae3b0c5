/** C05: who signed what, whether the chain took it, and whether the records say the same. */
import { fromHex } from '../../base/bytes.ts';
import { signatureInput } from '../../chain/tx/envelope.ts';
import type { Key } from '../../identity/schema.ts';
import { keyRecord, organisationRecord } from '../../identity/state.ts';
import {
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

export function judgeEnvelopes(evidence: Evidence): Finding {
  const { envelopes, receipts, events, problems } = evidence;
  const found = [...problems.envelopes];
  for (const [id, read] of envelopes) {
    const receipt = receipts.get(id);
    const faults = receipt
      ? [...checkReceipt(read, receipt), ...checkSigner(evidence, read, receipt)]
      : ['its receipt is not here'];
    if (receipt) faults.push(...checkEffects(evidence, read, receipt));
    found.push(...faults.map((fault) => `envelope ${id.slice(0, 12)}: ${fault}`));
  }
  for (const { logIndex, leaf } of events) {
    if (leaf.envelopeId !== null && !envelopes.has(leaf.envelopeId)) {
      found.push(`leaf ${logIndex}: the envelope that caused it is not here`);
    }
    if ((leaf.envelopeId === null) !== (leaf.operation === null)) {
      found.push(`leaf ${logIndex}: it has an envelope without an operation, or the reverse`);
    }
  }
  found.push(...findReplays(envelopes));
  return { problems: found, facts: [`${envelopes.size} envelopes`] };
}

function checkReceipt({ envelope }: ReadEnvelope, { leaf }: LoggedReceipt): string[] {
  const found: string[] = [];
  if (leaf.resultCode !== 0 || leaf.failedOperation !== null) {
    found.push(`it was refused with code ${leaf.resultCode}`);
  }
  if (leaf.keyId !== envelope.keyId) found.push('its receipt names another key');
  return found;
}

/** The signer's key as the log shows it when the envelope was executed. */
export const signerOf = (
  evidence: Evidence,
  { envelope }: ReadEnvelope,
  receipt: LoggedReceipt,
): Key | null => recordBefore(evidence, keyRecord, envelope.keyId, receipt.logIndex);

function checkSigner(evidence: Evidence, read: ReadEnvelope, receipt: LoggedReceipt): string[] {
  const { genesis } = evidence;
  const { envelope } = read;
  const key = signerOf(evidence, read, receipt);
  if (!key) return ['no leaf before it registers its key'];
  const found: string[] = [];
  if (key.state !== 'ACTIVE') found.push('its key had been revoked');
  const { logIndex } = receipt;
  const organisation = recordBefore(evidence, organisationRecord, key.organisationId, logIndex);
  if (!organisation) found.push('no leaf before it admits its organisation');
  if (organisation?.state === 'SUSPENDED') found.push('its organisation was suspended');
  const input = signatureInput(genesis.chainId, fromHex(envelope.keyId), envelope.payload);
  if (!verifySignature(fromHex(key.publicKey), input, envelope.signature)) {
    found.push('its signature does not verify');
  }
  const { height } = receipt.leaf;
  const { expiryHeight, sequence } = envelope;
  if (expiryHeight < height || expiryHeight > height + genesis.parameters.expirySpanMax) {
    found.push(`expiry height ${expiryHeight} does not fit height ${height}`);
  }
  if (sequence < 1) found.push('its sequence number is not from 1');
  return found;
}

/** Its events follow its receipt without a gap, in the order of its operations, and echo them. */
function checkEffects(
  evidence: Evidence,
  { envelope, operations }: ReadEnvelope,
  { logIndex, leaf }: LoggedReceipt,
): string[] {
  const caused = evidence.caused.get(envelope.id) ?? [];
  const found: string[] = [];
  for (const [position, event] of caused.entries()) {
    if (event.logIndex !== logIndex + 1 + position)
      found.push(`a leaf before ${event.logIndex} is left out`);
    if (event.leaf.height !== leaf.height) found.push(`leaf ${event.logIndex} is of another block`);
    const [number, before] = [event.leaf.operation, caused[position - 1]?.leaf.operation];
    if (number !== null && number < (before ?? 0)) found.push('its operations are out of order');
  }
  for (const [number, operation] of (operations ?? []).entries()) {
    const own = caused.filter((event) => event.leaf.operation === number);
    if (own.length === 0) found.push(`operation ${number} has no event`);
    found.push(...checkEcho(operation, own).map((fault) => `${operation.rule.name}: ${fault}`));
  }
  const beyond = caused.some(
    ({ leaf: { operation } }) => (operation ?? 0) >= envelope.operations.length,
  );
  if (beyond) found.push('it has an event of an operation that it does not hold');
  return found;
}

/** The last event of an operation on the record that its command names. */
export function subjectEvent(
  { rule, command }: ReadOperation,
  events: readonly LoggedEvent[],
): LoggedEvent | undefined {
  if (rule.subject === null) return undefined;
  const [kind, field] = rule.subject;
  return events.findLast(({ leaf }) => leaf.kind === kind && leaf.id === command[field]);
}

function checkEcho(operation: ReadOperation, events: readonly LoggedEvent[]): string[] {
  const { rule, command } = operation;
  if (rule.subject === null) return [];
  const subject = subjectEvent(operation, events);
  if (!subject) return [`no event of ${rule.subject[0]} ${String(command[rule.subject[1]])}`];
  return Object.entries(rule.echo).flatMap(([field, path]) =>
    sameValue(command[field], valueAt(subject.record, path))
      ? []
      : [`the record’s ${path} is not the ${field} that was signed`],
  );
}

function findReplays(envelopes: Evidence['envelopes']): string[] {
  const seen = new Set<string>();
  return [...envelopes.values()].flatMap(({ envelope: { id, keyId, sequence } }) => {
    const number = `${keyId}/${sequence}`;
    if (seen.has(number))
      return [`envelope ${id.slice(0, 12)}: its sequence number was used before`];
    seen.add(number);
    return [];
  });
}
