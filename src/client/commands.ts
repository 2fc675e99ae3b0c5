/** Commands of the ledger's operations, from typed values or JSON to what an envelope carries. */
import { CodecError } from '../base/codec-error.ts';
import { fromJson, toCbor } from '../base/codec.ts';
import { codecFault, faultText } from '../base/field-fault.ts';
import { OperationalError } from '../base/operational-error.ts';
import type { Operation } from '../base/room.ts';
import type { Static, TObject } from '../base/schema.ts';
import { registry } from '../chain/rooms.ts';
import type { EnvelopeOperation } from '../chain/tx/envelope.ts';

/** One operation of an envelope: `identity.admit` and its command, amounts as bigint. */
export interface NamedOperation {
  readonly name: string;
  readonly command: unknown;
}

/** All operations that a party can sign, in the order of their numbers. */
export const knownOperations = (): readonly Operation[] =>
  [...registry.operationsByName.values()].sort((left, right) => left.number - right.number);

/** Throws OperationalError OPERATION_UNKNOWN. */
export function operationNamed(name: string): Operation {
  const operation = registry.operationsByName.get(name);
  if (operation) return operation;
  throw new OperationalError(
    'OPERATION_UNKNOWN',
    `There is no operation ${name}. List them with: dxl operations`,
  );
}

/** A command as JSON (amounts as decimal text) to its typed value. Throws OPERATION_MALFORMED. */
export function operationFromJson(name: string, json: unknown): NamedOperation {
  const { command } = operationNamed(name);
  return { name, command: fitting(name, json, () => fromJson(command, json)) };
}

/** Throws OperationalError OPERATION_UNKNOWN or OPERATION_MALFORMED with the field at fault. */
export function envelopeOperation({ name, command }: NamedOperation): EnvelopeOperation {
  const { number, command: schema } = operationNamed(name);
  const encoded = fitting(name, command, () => toCbor(schema, command as Static<TObject>));
  return { number, command: encoded };
}

function fitting<Value>(name: string, given: unknown, make: () => Value): Value {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    const { command } = operationNamed(name);
    const fault = faultText(codecFault(command, given, error));
    throw new OperationalError(
      'OPERATION_MALFORMED',
      `${name}: ${fault}. See its fields with: dxl operations ${name}`,
      { cause: error },
    );
  }
}
