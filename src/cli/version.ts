import manifest from '../../package.json' with { type: 'json' };

/** Of the software, as package.json names it. */
export const version: string = manifest.version;
