/** What a command that speaks to the exchange, or signs, begins with. */
import type { ExchangeClient } from '../client/exchange-client.ts';
import type { Party } from '../client/party.ts';
import type { Common } from './options.ts';

export async function openClient({ apiUrl }: Common): Promise<ExchangeClient> {
  const { ExchangeClient } = await import('../client/exchange-client.ts');
  return new ExchangeClient(apiUrl, { transport: { attempts: 4 } });
}

/** Opens a key file with the passphrase of DXL_PASSPHRASE_FILE or of the keyboard. */
export async function openParty({ config }: Common, keyFile: string): Promise<Party> {
  const [{ openKeyFile, showKeyFile }, { readPassphrase }] = await Promise.all([
    import('../client/keystore/key-file.ts'),
    import('./passphrase.ts'),
  ]);
  // Before anybody types: a missing or damaged file is told at once.
  await showKeyFile(keyFile);
  const passphrase = await readPassphrase({ config, prompt: `Passphrase of ${keyFile}` });
  return openKeyFile(keyFile, passphrase);
}
