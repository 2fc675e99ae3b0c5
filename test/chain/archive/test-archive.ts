import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { decodeCbor, encodeCbor, type CborValue } from '../../../src/base/cbor.ts';
import {
  beginning,
  encodeFrame,
  frameKinds,
  magicOf,
  readFrames,
  type FrameKind,
} from '../../../src/chain/archive/frame.ts';
import type { LogReader } from '../../../src/chain/engine/ports.ts';
import { importArchive, type ImportOptions } from '../../../src/chain/archive/import-archive.ts';
import {
  writeArchive,
  type ExportOptions,
  type ExportReport,
} from '../../../src/chain/archive/write-archive.ts';
import { openMachine } from '../../../src/chain/engine/open.ts';
import { digestTables, type TableDigest } from '../../../src/chain/fsck/digests.ts';
import { leafProjector } from '../../../src/chain/project-leaf.ts';
import { CachedState } from '../../../src/chain/machine/cached-state.ts';
import { Machine } from '../../../src/chain/machine/machine.ts';
import type { MachineParts } from '../../../src/chain/machine/parts.ts';
import { openAuditReader } from '../../../src/store/audit-reader.ts';
import { openBlockStore } from '../../../src/store/block-store.ts';
import { openDataSource } from '../../../src/store/data-source.ts';
import { createProjector } from '../../../src/store/projection.ts';
import { createStateSource } from '../../../src/store/state-source.ts';
import { testParts } from '../test-chain.ts';

/** The bytes as a stream of odd pieces, as pipes give them. */
export async function* pieces(bytes: Uint8Array, size = 1_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export interface Exported {
  readonly bytes: Uint8Array;
  readonly report: ExportReport;
}

export async function exportOf(
  reader: LogReader,
  options: Partial<ExportOptions> = {},
): Promise<Exported> {
  const parts: Uint8Array[] = [];
  const report = await writeArchive({
    reader,
    write: async (bytes) => void parts.push(bytes),
    circuitKeys: new Map(),
    level: 6,
    runBytes: 2_000,
    resumed: null,
    toHeight: null,
    ...options,
  });
  return { bytes: new Uint8Array(Buffer.concat(parts)), report };
}

export async function exportDatabase(
  url: string,
  options: Partial<ExportOptions> = {},
): Promise<Exported> {
  const reader = await openAuditReader(url, 'append-only');
  return exportOf(reader, options).finally(() => reader.close());
}

/** Imports into a migrated database, with a cache so small that state is read from it. */
export async function importInto(
  url: string,
  source: AsyncIterable<Uint8Array>,
  { parts = testParts, ...options }: Partial<ImportOptions> & { parts?: MachineParts } = {},
) {
  const undo: (() => Promise<unknown>)[] = [];
  try {
    let advance: () => Promise<unknown> = async () => undefined;
    const report = await importArchive({
      source,
      genesisHash: null,
      open: async (genesis) => {
        const dataSource = await openDataSource(url, { poolMax: 4 });
        undo.push(() => dataSource.destroy());
        const store = await openBlockStore({ dataSource, url });
        undo.push(() => store.close());
        const machine = new Machine(genesis, parts, new CachedState(2_000));
        await openMachine(machine, store);
        const projector = createProjector({ dataSource, decode: leafProjector(parts.registry) });
        advance = () => projector.advance();
        return { machine, store, source: createStateSource(dataSource) };
      },
      ...options,
    });
    await advance();
    return report;
  } finally {
    for (let step = undo.pop(); step; step = undo.pop()) await step();
  }
}

export async function digestsOf(url: string): Promise<TableDigest[]> {
  const reader = await openAuditReader(url);
  return digestTables(reader).finally(() => reader.close());
}

type Change = (item: CborValue[]) => void;

/**
 * The file with one frame's content changed and every hash made anew: what somebody does who
 * wants it not to be noticed.
 */
export async function forged(
  file: Uint8Array,
  frameIndex: number,
  change: Change,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [magicOf(1)];
  let place = beginning();
  for await (const { kind, body, at } of readFrames(pieces(file))) {
    const list = [...(decodeCbor(body) as CborValue[])];
    if (at.frame === frameIndex && kind === frameKinds.blocks) {
      const blocks = decodeCbor(new Uint8Array(inflateRawSync(list[5] as Uint8Array)));
      const changed = writable(blocks) as CborValue[];
      change(changed);
      const raw = encodeCbor(changed);
      list[1] = BigInt(changed.length);
      list[4] = BigInt(raw.length);
      list[5] = new Uint8Array(deflateRawSync(raw));
    } else if (at.frame === frameIndex) change(list);
    const { bytes, end } = encodeFrame(place, kind as FrameKind, encodeCbor(list));
    parts.push(bytes);
    place = end;
  }
  return new Uint8Array(Buffer.concat(parts));
}

const writable = (value: CborValue): CborValue =>
  Array.isArray(value) ? value.map((item: CborValue) => writable(item)) : value;
