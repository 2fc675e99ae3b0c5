/** How a new organisation asks the operator in: a file that says who it is and that it has its key. */
import { fromHex } from '../base/bytes.ts';
import { CodecError } from '../base/codec-error.ts';
import { codecFault, faultText } from '../base/field-fault.ts';
import { fromJson, toJson } from '../base/codec.ts';
import { OperationalError } from '../base/operational-error.ts';
import { identifier, patterned, record, type Static } from '../base/schema.ts';
import { verifyEd25519 } from '../chain/tx/signature.ts';
import { findCreditCodeFault } from '../identity/credit-code.ts';
import { possessionClaim } from '../identity/possession.ts';
import { admitCommand } from '../identity/schema.ts';
import type { Party } from './party.ts';
import { claimKey } from './possession.ts';

const admissionFormat = 'dxl-admission/1';

/** An admission file: what is around the command of `identity.admit`. */
export const admissionFile = record({
  format: patterned(`^${admissionFormat}$`, {
    form: `the format of admission requests, ${admissionFormat}`,
    example: admissionFormat,
  }),
  chainId: identifier('Chain for which the new key has signed'),
  command: admitCommand,
});

export type AdmitCommand = Static<typeof admitCommand>;
export type OrganisationFacts = Omit<AdmitCommand, 'encryptionKey' | 'publicKey' | 'possession'>;

export interface AdmissionRequest {
  readonly format: typeof admissionFormat;
  readonly chainId: string;
  readonly command: AdmitCommand;
}

/** The command of `identity.admit`, which an operator signs. Throws ADMISSION_INVALID. */
export function admissionCommand(
  party: Party,
  chainId: string,
  facts: OrganisationFacts,
): AdmitCommand {
  return checked({
    ...facts,
    encryptionKey: party.encryptionKey,
    ...claimKey(party, chainId, facts.organisationId),
  });
}

export function writeAdmissionRequest({ chainId, command }: Omit<AdmissionRequest, 'format'>) {
  const json = { format: admissionFormat, chainId, command: toJson(admitCommand, command) };
  return `${JSON.stringify(json, null, 2)}\n`;
}

export const isAdmissionRequest = (json: unknown): boolean =>
  typeof json === 'object' && json !== null && 'format' in json && json.format === admissionFormat;

/**
 * Checks what came from outside before an operator signs it. Throws OperationalError
 * ADMISSION_INVALID (fields, possession) or ADMISSION_OTHER_CHAIN.
 */
export function readAdmissionRequest(json: unknown, chainId: string): AdmissionRequest {
  const request = readFile(json);
  if (request.chainId !== chainId) {
    throw new OperationalError(
      'ADMISSION_OTHER_CHAIN',
      `The request is for the chain ${request.chainId}, not for ${chainId}. Have it written for this one.`,
    );
  }
  const { command } = request;
  checkCreditCode(command);
  const claim = possessionClaim(chainId, command.organisationId, command.publicKey);
  if (!verifyEd25519(fromHex(command.publicKey), claim, fromHex(command.possession))) {
    throw invalid('its possession signature is not of this key, organisation and chain');
  }
  return { format: admissionFormat, chainId, command };
}

function readFile(json: unknown): Static<typeof admissionFile> {
  try {
    return fromJson(admissionFile, json);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    throw invalid(`at ${faultText(codecFault(admissionFile, json, error))}`);
  }
}

function checked(command: unknown): AdmitCommand {
  try {
    const read = fromJson(admitCommand, command);
    checkCreditCode(read);
    return read;
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    throw invalid(`in command, ${faultText(codecFault(admitCommand, command, error))}`);
  }
}

function checkCreditCode({ jurisdiction, creditCode }: AdmitCommand): void {
  const fault = findCreditCodeFault(jurisdiction, creditCode);
  if (fault !== null) throw invalid(`its credit code: ${fault}`);
}

const invalid = (problem: string): OperationalError =>
  new OperationalError(
    'ADMISSION_INVALID',
    `The admission request cannot be used: ${problem}. Have it made anew: dxl key request`,
  );
