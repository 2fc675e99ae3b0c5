import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { Readable, Transform } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Hex } from '../base/bytes.ts';
import { OperationalError } from '../base/operational-error.ts';
import { syncFolder } from '../disk/durable.ts';
import { writeAll } from '../disk/write-all.ts';
import { isDigest } from './columns.ts';

/** Bytes kept under their SHA-256: encrypted payloads, evidence, proofs. */
export interface ContentStore {
  /**
   * Keeps what it reads, whole or not at all. Throws OperationalError CONTENT_TOO_LARGE past
   * `maxBytes`, CONTENT_OTHER where it is not of the digest that is expected, CONTENT_CORRUPT where
   * what is kept under that digest is damaged.
   */
  put(
    content: Uint8Array | AsyncIterable<Uint8Array>,
    limits: { readonly maxBytes: number; readonly digest?: Hex },
  ): Promise<{ digest: Hex; size: number }>;
  /**
   * Null where it is not kept. The stream fails with CONTENT_CORRUPT instead of ending where the
   * bytes are not those of the digest: use nothing of it before its end.
   */
  get(digest: Hex): Promise<Readable | null>;
  has(digest: Hex): Promise<boolean>;
  /** All that is kept, in order of the digests, from one on where it is given. */
  digests(from?: Hex): AsyncIterable<Hex>;
  /** Of what is kept; null where it is not. */
  sizeOf(digest: Hex): Promise<number | null>;
  /** Bytes `from` to before `to` of what is kept, unchecked: null where it is not. */
  slice(digest: Hex, from: number, to: number): Promise<Readable | null>;
  /**
   * Takes a file of the same disk as what is kept under its digest, which the caller has computed and
   * which is durable; it is gone from where it was.
   */
  adopt(file: string, digest: Hex): Promise<void>;
  /** Does nothing where it is not kept. */
  remove(digest: Hex): Promise<void>;
  /** Bytes on their way, in the same folder. */
  readonly incoming: string;
  /** What the disk has left for it. */
  freeBytes(): Promise<number>;
}

const abandonedAfterMs = 24 * 3600 * 1000;

/** A content store in a local folder, made where absent. */
export async function openContentFolder(folder: string): Promise<ContentStore> {
  const root = path.resolve(folder);
  const incoming = path.join(root, 'incoming');
  await mkdir(incoming, { recursive: true, mode: 0o700 });
  await sweep(incoming);
  return {
    async put(content, { maxBytes, digest }) {
      const temporary = path.join(incoming, randomUUID());
      try {
        const written = await writeDurably(temporary, content, maxBytes);
        if (digest !== undefined && digest !== written.digest) throw other(digest, written.digest);
        await keep(root, temporary, written.digest);
        return written;
      } finally {
        await rm(temporary, { force: true });
      }
    },
    async get(digest) {
      const file = fileOf(root, digest);
      if (!(await isFile(file))) return null;
      return openVerified(file, digest);
    },
    async has(digest) {
      return isFile(fileOf(root, digest));
    },
    digests: (from = '') => digestsIn(root, from),
    async sizeOf(digest) {
      const found = await stat(fileOf(root, digest)).catch(() => null);
      return found?.isFile() === true ? found.size : null;
    },
    async slice(digest, from, to) {
      const file = fileOf(root, digest);
      if (!(await isFile(file))) return null;
      return from < to ? createReadStream(file, { start: from, end: to - 1 }) : Readable.from([]);
    },
    async adopt(file, digest) {
      await keep(root, file, digest);
      await rm(file, { force: true });
    },
    async remove(digest) {
      const file = fileOf(root, digest);
      if (!(await isFile(file))) return;
      await rm(file, { force: true });
      // Who is told that it is gone is told so after a power failure, too.
      await syncFolder(path.dirname(file));
    },
    incoming,
    async freeBytes() {
      const { bavail, bsize } = await statfs(root);
      return bavail * bsize;
    },
  };
}

/** Two levels of 256 folders. Also what keeps a digest from being a path out of here. */
function fileOf(root: string, digest: Hex): string {
  if (!isDigest(digest)) {
    throw new OperationalError(
      'CONTENT_DIGEST',
      'A content digest is 64 lower-case hexadecimal digits (SHA-256).',
    );
  }
  return path.join(root, digest.slice(0, 2), digest.slice(2, 4), digest);
}

async function writeDurably(
  file: string,
  content: Uint8Array | AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<{ digest: Hex; size: number }> {
  const hash = createHash('sha256');
  const handle = await open(file, 'wx', 0o600);
  let size = 0;
  try {
    for await (const chunk of content instanceof Uint8Array ? [content] : content) {
      size += chunk.length;
      if (size > maxBytes) {
        throw new OperationalError(
          'CONTENT_TOO_LARGE',
          `The content is longer than the ${maxBytes} bytes allowed here.`,
        );
      }
      hash.update(chunk);
      await writeAll(handle, chunk);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { digest: hash.digest('hex'), size };
}

/** What is there already is checked and left alone: equal bytes need no second copy. */
async function keep(root: string, temporary: string, digest: Hex): Promise<void> {
  const file = fileOf(root, digest);
  if (await isFile(file)) {
    await finished(openVerified(file, digest).resume());
    return;
  }
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  await rename(temporary, file);
  await syncFolder(path.dirname(file));
  await syncFolder(path.dirname(path.dirname(file)));
  await syncFolder(root);
}

const openVerified = (file: string, digest: Hex): Readable =>
  createReadStream(file).compose(verifying(digest)) as Readable;

function verifying(digest: Hex): Transform {
  const hash = createHash('sha256');
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
    flush(done) {
      done(hash.digest('hex') === digest ? null : corrupt(digest));
    },
  });
}

const corrupt = (digest: Hex): OperationalError =>
  new OperationalError(
    'CONTENT_CORRUPT',
    `What is kept under ${digest} is no longer what was put there. Restore that file from a ` +
      'backup, or move it away and have its owner send it again.',
  );

const other = (wanted: Hex, found: Hex): OperationalError =>
  new OperationalError(
    'CONTENT_OTHER',
    `What came as content ${wanted} has the SHA-256 ${found}. It was not kept: get it again from ` +
      'where it was made.',
  );

async function* digestsIn(
  folder: string,
  from: Hex,
  begin = '',
): AsyncGenerator<Hex, void, undefined> {
  for (const name of (await readdir(folder)).sort()) {
    if (begin.length === 4) {
      if (isDigest(name) && name >= from) yield name;
    } else if (/^[0-9a-f]{2}$/.test(name)) {
      const all = begin + name;
      if (all >= from.slice(0, all.length)) yield* digestsIn(path.join(folder, name), from, all);
    }
  }
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** Removes what interrupted puts have left. */
async function sweep(incoming: string): Promise<void> {
  for (const name of await readdir(incoming)) {
    const file = path.join(incoming, name);
    const found = await stat(file).catch(() => null);
    if (found !== null && Date.now() - found.mtimeMs > abandonedAfterMs) {
      await rm(file, { force: true });
    }
  }
}
