// Lets this thread, or with `--import` a process, import the product's TypeScript: bin/dxl.mjs, each
// process and each thread that the product starts begins with it. Every version of Node reads the
// source by the same stripper, its own or none notwithstanding.
import * as module from 'node:module';

if (module.registerHooks) {
  const { loadSync } = await import('./load.mjs');
  module.registerHooks({ load: loadSync });
} else {
  module.register('./load.mjs', import.meta.url);
}
