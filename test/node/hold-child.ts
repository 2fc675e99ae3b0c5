/** Takes a folder, says how that went in one line, and keeps it until its standard input ends. */
import { once } from 'node:events';
import { tryHoldFolder } from '../../src/node/folder-hold.ts';

const [folder = '', command = 'node'] = process.argv.slice(2);
const found = await tryHoldFolder(folder, command);
process.stdout.write(`${JSON.stringify('release' in found ? { held: true } : found)}\n`);
if ('release' in found) {
  await once(process.stdin.resume(), 'end');
  await found.release();
}
