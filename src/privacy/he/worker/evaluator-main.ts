import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { compareBytes } from '../../../base/bytes.ts';
import { refuse, success, successWith, type Outcome } from '../../../base/result.ts';
import { sumCiphertexts } from '../engine/evaluate.ts';
import { chunkLeaf } from '../merkle.ts';
import { ciphertextBytes, precheckCiphertext } from '../precheck.ts';
import type { Preset } from '../presets.ts';
import { heResults } from '../results.ts';
import type { EvaluatorTasks, RecordAddress } from './messages.ts';
import { serve } from './serve.ts';

/** Entry point of the exchange's child process. It has no code that takes a secret key. */
await serve<EvaluatorTasks>({
  sumRecords(he, { records }, onChunk) {
    const ciphertexts: Uint8Array[] = [];
    for (const address of records) {
      const bytes = readRecord(he.preset, address);
      const checked = checkRecord(he.preset, address, bytes);
      if (!checked.ok) return checked;
      ciphertexts.push(bytes);
    }
    return successWith({ partial: sumCiphertexts(he, reporting(ciphertexts, onChunk)) });
  },
  sumPartials(he, { partials }, onChunk) {
    for (const partial of partials) {
      const checked = precheckCiphertext(he.preset, 'full', partial);
      if (!checked.ok) return checked;
    }
    return successWith({ partial: sumCiphertexts(he, reporting(partials, onChunk)) });
  },
});

/** Shorter than a record where the file is missing or ends early; the leaf then differs. */
function readRecord(preset: Preset, { file, offset }: RecordAddress): Uint8Array {
  const bytes = new Uint8Array(ciphertextBytes(preset, 'seeded'));
  if (!existsSync(file)) return bytes.subarray(0, 0);
  const descriptor = openSync(file, 'r');
  try {
    return bytes.subarray(0, readSync(descriptor, bytes, 0, bytes.length, offset));
  } finally {
    closeSync(descriptor);
  }
}

/** The committed bytes first, then their form: the same bytes that are then loaded. */
function checkRecord(preset: Preset, { index, leaf }: RecordAddress, bytes: Uint8Array): Outcome {
  if (compareBytes(chunkLeaf(index, bytes), leaf) !== 0) {
    return refuse(heResults.HE_DIGEST_MISMATCH, `chunk ${index} is not the committed one`);
  }
  const checked = precheckCiphertext(preset, 'seeded', bytes);
  return checked.ok ? success : refuse(checked.result, `chunk ${index}: ${checked.detail}`);
}

function* reporting(items: Iterable<Uint8Array>, onChunk: () => void): Iterable<Uint8Array> {
  for (const item of items) {
    yield item;
    onChunk();
  }
}
