/** What `dxl init` and the first `dxl node` on an empty folder make. */
import { randomBytes } from 'node:crypto';
import { access, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { PublicPart } from '../client/keystore/format.ts';
import type { DataFolder } from '../node/data-folder.ts';
import type { GenesisRequest } from '../node/make-genesis.ts';
import { usageError } from './exit.ts';

export interface NewChain extends Pick<GenesisRequest, 'chainId' | 'mode' | 'rules'> {
  readonly operator: { readonly organisationId: string } & Readonly<
    Record<'name' | 'creditCode' | 'jurisdiction', string>
  >;
  readonly key: Pick<PublicPart, 'publicKey' | 'encryptionKey'>;
}

export const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/** Writes the block signer's key and genesis.json, never over others. Throws USAGE. */
export async function makeChain(folder: DataFolder, chain: NewChain): Promise<void> {
  if (await exists(folder.genesisFile)) {
    throw usageError(`${folder.genesisFile} is there already: the folder holds a chain.`);
  }
  const [{ openBlockSigner }, { makeGenesis, writeGenesis }] = await Promise.all([
    import('../node/block-signer.ts'),
    import('../node/make-genesis.ts'),
  ]);
  const { chainId, mode, rules, operator, key } = chain;
  const signer = await openBlockSigner(folder.blockSignerFile);
  const genesis = await makeGenesis({
    chainId,
    mode,
    rules,
    timeMs: Date.now(),
    blockSigner: signer.publicKey,
    operator: { ...operator, publicKey: key.publicKey, encryptionKey: key.encryptionKey },
  });
  await writeGenesis(folder.genesisFile, genesis);
}

/** Where the operator of a development chain finds its key and, beside it, the passphrase. */
export const operatorFiles = (folder: DataFolder) => ({
  key: path.join(folder.operatorDir, 'operator.key.json'),
  passphrase: path.join(folder.operatorDir, 'passphrase.txt'),
});

/** A chain to try things out on: its operator's key and passphrase stay in the data folder. */
export async function makeDevelopmentChain(folder: DataFolder): Promise<string> {
  const { newKeyFile } = await import('../client/keystore/key-file.ts');
  const { key: keyFile, passphrase: passphraseFile } = operatorFiles(folder);
  await mkdir(path.dirname(keyFile), { recursive: true, mode: 0o700 });
  const passphrase = randomBytes(18).toString('base64url');
  await writeFile(passphraseFile, `${passphrase}\n`, { mode: 0o600, flag: 'wx' });
  const organisationId = 'operator';
  const party = await newKeyFile(keyFile, { passphrase, organisationId });
  const chainId = `dev-${randomBytes(4).toString('hex')}`;
  await makeChain(folder, {
    chainId,
    mode: 'development',
    rules: 'default-cn',
    operator: {
      organisationId,
      name: 'Development Exchange',
      creditCode: '000000000000000000',
      jurisdiction: 'CN',
    },
    key: { publicKey: party.signingKey.publicKey, encryptionKey: party.encryptionKey },
  });
  return chainId;
}
