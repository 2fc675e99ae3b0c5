/** What a command that speaks to the exchange, or signs, begins with. */
import type { ExchangeClient } from '../client/exchange-client.ts';
import type { Party } from '../client/party.ts';
import type { Wait } from '../client/transport.ts';
import type { Common } from './options.ts';
import { remark } from './output.ts';
import { durationOf } from './progress.ts';

/** Whoever only reads asks again at once where nothing comes; what was signed must be seen through. */
export const patienceMsOf = { reading: 10_000, signing: 120_000 } as const;

export async function openClient(
  { apiUrl, patienceMs, json }: Common,
  doing: keyof typeof patienceMsOf = 'reading',
): Promise<ExchangeClient> {
  const { ExchangeClient } = await import('../client/exchange-client.ts');
  return new ExchangeClient(apiUrl, {
    transport: {
      patienceMs: patienceMs ?? patienceMsOf[doing],
      ...(json ? {} : { onWait: tellWaiting() }),
    },
  });
}

/** One line when waiting begins, and one when it is over. */
function tellWaiting(line: (text: string) => void = remark): (wait: Wait | null) => void {
  let waiting = false;
  return (wait) => {
    if (wait && !waiting) {
      line(`${wait.cause.message} Trying again for ${durationOf(wait.leftMs)} (--patience).`);
    }
    if (!wait && waiting) line('The exchange was asked again.');
    waiting = wait !== null;
  };
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
