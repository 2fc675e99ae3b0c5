import { stopTestServer } from './database.ts';

/** Mocha's root hooks, named by `require` in .mocharc.json. */
export const mochaHooks = {
  afterAll: stopTestServer,
};
