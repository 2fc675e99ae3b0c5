import { readFile } from 'node:fs/promises';
import { toHex, type Hex } from '../base/bytes.ts';
import { readFileText, taken } from '../base/file-text.ts';
import { OperationalError } from '../base/operational-error.ts';
import { checkpointKeyClaim, originOf } from '../chain/checkpoint/ledger-note.ts';
import { noWitnesses, parsePolicy, type Policy } from '../chain/checkpoint/policy.ts';
import type { Engine } from '../chain/engine/engine.ts';
import { verifyEd25519 } from '../chain/tx/signature.ts';
import type { SigningKey } from '../chain/tx/signing-key.ts';
import { Publisher } from './publisher.ts';

export interface PublicationOptions {
  readonly engine: Engine;
  readonly genesisHash: Hex;
  readonly key: SigningKey;
  /** Says that the key is the log's; null where no block signer stands in genesis. */
  readonly blockSigner: SigningKey | null;
  /** True where the ledger may catch up with its own history after a start. */
  readonly mayLag: boolean;
  readonly policy: Policy;
  readonly file: string;
  readonly onProblem: (problem: string) => void;
}

/** As a node runs it. Throws what `Publisher.open` throws. */
export function openPublication(options: PublicationOptions): Promise<Publisher> {
  const { engine, genesisHash, key, blockSigner, ...rest } = options;
  const origin = originOf(engine.status().chainId, genesisHash);
  const claim = checkpointKeyClaim(origin, genesisHash, key.publicKey);
  return Publisher.open({
    ...{ engine, origin, key, ...rest },
    keyClaim: blockSigner && toHex(blockSigner.sign(claim)),
    verify: verifyEd25519,
    intervalMs: 1_000,
    retryMs: 1_000,
    now: Date.now,
  });
}

/**
 * @param named by a setting, and then it must be there
 * @param usual place, where a file may be
 * Throws OperationalError WITNESSES_UNREADABLE or WITNESSES_INVALID.
 */
export async function readWitnessPolicy(named: string | null, usual: string): Promise<Policy> {
  const file = named ?? usual;
  const bytes = await readFile(file).catch((cause: unknown) => {
    const absent = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    if (absent && named === null) return null;
    throw new OperationalError(
      'WITNESSES_UNREADABLE',
      `${file} cannot be read (${(cause as Error).message}). Correct DXL_WITNESSES.`,
      { cause },
    );
  });
  if (bytes === null) return noWitnesses;
  const text = taken(
    readFileText(bytes),
    (problem) =>
      new OperationalError(
        'WITNESSES_INVALID',
        `${file} ${problem}. docs/witness.md shows the form.`,
      ),
  );
  const policy = parsePolicy(text);
  if (!('problem' in policy)) return policy;
  throw new OperationalError(
    'WITNESSES_INVALID',
    `${file}, line ${policy.line}: ${policy.problem}. docs/witness.md shows the form.`,
  );
}
