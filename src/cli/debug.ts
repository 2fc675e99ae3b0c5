import { readConfig } from '../config.ts';

/** Whether errors come with their stack; asked also where the settings themselves are at fault. */
export function isDebugging(): boolean {
  try {
    return readConfig().debug;
  } catch {
    return false;
  }
}
