/** `dxl` in a process of its own, with the peak of its resident memory. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { round } from './harness.ts';

/** The checkout that this benchmark is of. */
const ownCheckout = fileURLToPath(new URL('..', import.meta.url));
const peakHook =
  'process.on("exit",()=>process.stderr.write("\\npeak-KiB:"+process.resourceUsage().maxRSS+"\\n"))';

export interface Measured {
  readonly seconds: number;
  readonly peakMiB: number;
}

/** Throws where it ends with another code than 0. */
export async function measureDxl(
  words: readonly string[],
  checkout = ownCheckout,
): Promise<Measured & { readonly out: string }> {
  const { DATABASE_URL: _other, ...env } = process.env;
  env['NODE_OPTIONS'] = `--import=data:text/javascript,${encodeURIComponent(peakHook)}`;
  const start = performance.now();
  const child = spawn(process.execPath, [join(checkout, 'bin/dxl.mjs'), ...words], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`dxl ${words.join(' ')} ended with ${code}: ${err}`);
  const peakKiB = Number(/peak-KiB:([0-9]+)/.exec(err)?.[1]);
  const seconds = round((performance.now() - start) / 1_000, 1);
  return { seconds, peakMiB: round(peakKiB / 1_024), out };
}
