/** Writes a part of a file, says so, and waits to be killed. */
import { writeWholeFile } from '../../../src/client/delivery/whole-file.ts';

const [target = ''] = process.argv.slice(2);
await writeWholeFile(target, async (write) => {
  await write(Buffer.from('a part'));
  process.send?.('written');
  await new Promise((resolve) => setTimeout(resolve, 2 ** 31 - 1));
});
