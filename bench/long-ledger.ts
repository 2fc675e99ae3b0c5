/** A ledger of many small blocks in a database: organisations that are admitted. */
import { toHex } from '../src/base/bytes.ts';
import { success } from '../src/base/result.ts';
import { openMachine } from '../src/chain/engine/open.ts';
import type { CommittedBlock } from '../src/chain/engine/ports.ts';
import {
  encodeHeader,
  headerHash,
  headerSignatureInput,
  type Header,
} from '../src/chain/machine/header.ts';
import { Machine } from '../src/chain/machine/machine.ts';
import { projectExchangeLeaf } from '../src/chain/project-leaf.ts';
import { exchangeParts } from '../src/chain/rooms.ts';
import type { EnvelopeOperation } from '../src/chain/tx/envelope.ts';
import { admit } from '../src/identity/admit.ts';
import { creditCheckCharacter } from '../src/identity/credit-code.ts';
import { possessionClaim } from '../src/identity/possession.ts';
import { openBlockStore } from '../src/store/block-store.ts';
import { openDataSource } from '../src/store/data-source.ts';
import { createProjector } from '../src/store/projection.ts';
import { blockSigner, keyOf, operationOf, sign, testGenesis } from '../test/chain/test-chain.ts';

export const genesis = testGenesis({
  parameters: {
    ...testGenesis().parameters,
    ...{ expirySpanMax: 10_000_000, operationsMax: 64, envelopeBytesMax: 65_536 },
  },
});

export interface LongLedger {
  readonly blocks: number;
  /** Organisations that each block admits by one envelope: three leaves and three state rows each. */
  readonly operationsPerBlock: number;
}

/** Codes count on: hashed ones of a hundred thousand names are not all different. */
function admission(number: number): EnvelopeOperation {
  const id = `member-${number}`;
  const key = keyOf(id);
  const first17 = `91110000${String(number).padStart(9, '0')}`;
  return operationOf(admit, {
    organisationId: id,
    name: id,
    creditCode: first17 + creditCheckCharacter(first17),
    jurisdiction: 'CN',
    beneficialOwner: null,
    encryptionKey: '22'.repeat(32),
    roles: ['SELLER'],
    publicKey: key.publicKey,
    possession: toHex(key.sign(possessionClaim(genesis.chainId, id, key.publicKey))),
  });
}

/** Writes it with its read models into a fresh database. */
export async function growLedger(
  url: string,
  { blocks, operationsPerBlock }: LongLedger,
): Promise<{ leaves: number; keys: number }> {
  const dataSource = await openDataSource(url, { poolMax: 4 });
  const store = await openBlockStore({ dataSource, url });
  const machine = new Machine(genesis, { ...exchangeParts, verifyProof: () => success });
  await openMachine(machine, store);
  let previousHash = machine.genesisHash;
  for (let height = 1; height <= blocks; height += 1) {
    const operations = Array.from({ length: operationsPerBlock }, (_, at) =>
      admission((height - 1) * operationsPerBlock + at),
    );
    const envelope = sign(operations, { sequence: height, expiryHeight: height + 100 });
    const timeMs = genesis.timeMs + height * 50;
    const block = machine.finalizeBlock({ height, timeMs, envelopes: [envelope] });
    const { results, leaves, changes, ...facts } = block;
    const header: Header = {
      version: 1,
      ...{ chainId: genesis.chainId, genesisHash: machine.genesisHash, previousHash },
      signer: blockSigner.publicKey,
      ...facts,
    };
    const bytes = encodeHeader(header);
    previousHash = headerHash(bytes);
    const committed: CommittedBlock = {
      ...{ height, timeMs, appHash: block.appHash, logSize: block.logSize, leaves },
      headerHash: previousHash,
      header: bytes,
      signature: blockSigner.sign(headerSignatureInput(bytes)),
      envelopes: results.map((result, position) => {
        if (!result.outcome.ok) throw new Error(result.outcome.detail);
        const { id, failedOperation, logIndex } = result;
        return {
          ...{ id, position, failedOperation, logIndex, bytes: result.bytes },
          ...{ resultCode: 0, detail: '' },
        };
      }),
    };
    await store.commit(committed, changes);
    machine.commit();
    if (height % 2_000 === 0) console.log(`block ${height} of ${blocks}`);
  }
  await createProjector({ dataSource, decode: projectExchangeLeaf }).advance();
  const [row] = await dataSource.query<{ keys: number }[]>(
    'SELECT count(*)::int AS keys FROM state',
  );
  const leaves = machine.info().logSize;
  await store.close();
  await dataSource.destroy();
  return { leaves, keys: row?.keys ?? 0 };
}
