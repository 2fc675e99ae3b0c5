import { readFileSync } from 'node:fs';

interface TileRow {
  readonly level: number | 'entries';
  readonly index: number;
  readonly width: number;
  readonly path: string;
}

interface Vectors {
  readonly notes: readonly {
    readonly name: string;
    readonly seed: string;
    readonly vkey: string;
    readonly text: string;
    readonly signed: string;
  }[];
  readonly trees: readonly { readonly size: number; readonly root: string }[];
  readonly consistency: readonly {
    readonly oldSize: number;
    readonly size: number;
    readonly proof: readonly string[];
  }[];
  readonly tiles: readonly (TileRow & { readonly sha256: string })[];
  readonly paths: readonly TileRow[];
  readonly cosigned: {
    readonly log: string;
    readonly witnesses: readonly [string, string];
    readonly signed: string;
  };
}

/** Made by Go's tlog code: test/vectors/checkpoint/README.md. */
export const goVectors = JSON.parse(
  readFileSync(new URL('../../vectors/checkpoint/go-tlog.json', import.meta.url), 'utf8'),
) as Vectors;
