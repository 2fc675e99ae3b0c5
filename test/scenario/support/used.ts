import type { NamedOperation } from '../../../src/client/commands.ts';
import { act } from '../../../src/demo/scenario.ts';
import { licenceUseCommand } from '../../../src/trading/schema.ts';

/** A report of uses of the licence of `file-trade`. */
export const used = (nonce: number, count = 1): NamedOperation =>
  act('licence.use', licenceUseCommand, {
    licenceId: 'file-trade',
    permission: 'USE',
    count,
    nonce,
  });
