/** For a run of all tests: its processes share one PostgreSQL server, held here until the last ends. */
import { joinTestServer, leaveTestServer, serverVariable } from '../support/database.ts';

export async function mochaGlobalSetup(): Promise<void> {
  process.env[serverVariable] = (await joinTestServer()).url;
}

export const mochaGlobalTeardown = leaveTestServer;
