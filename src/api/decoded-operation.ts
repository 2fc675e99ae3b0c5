import { CodecError } from '../base/codec-error.ts';
import { decodeTyped, toJson } from '../base/codec.ts';
import type { Registry } from '../chain/machine/registry.ts';
import type { SentOperation } from '../chain/tx/envelope.ts';

/** Name of the OpenAPI component that describes an operation's command. */
export const commandComponent = (operation: string): string => `command.${operation}`;

/** An operation of an envelope with its command as JSON; null where it does not fit its schema. */
export function decodeOperation(
  registry: Registry,
  { number, commandBytes }: SentOperation,
): { number: number; name: string | null; command: unknown } {
  const operation = registry.operations.get(number);
  if (!operation) return { number, name: null, command: null };
  const { name } = operation;
  try {
    const decoded = decodeTyped(operation.command, commandBytes);
    return { number, name, command: toJson(operation.command, decoded) };
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return { number, name, command: null };
  }
}
