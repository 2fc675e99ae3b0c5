import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import {
  contradictions,
  judge,
  readEvidence,
  writeEvidence,
  type Evidence,
} from '../chain/checkpoint/contradiction.ts';
import { formatVerifierKey, parseVerifierKey } from '../chain/checkpoint/note.ts';
import { verifyEd25519 } from '../chain/tx/signature.ts';
import { exitCodes, usageError } from './exit.ts';
import { readBytesInput } from './input.ts';
import { readCommon } from './options.ts';
import { print, printJson, remark } from './output.ts';

/** `dxl witness compare`: needs no exchange and no network. */
export async function compareNotes(
  file: string,
  other: string | undefined,
  { key, out }: { readonly key?: string; readonly out?: string },
  command: Command,
): Promise<void> {
  const { json } = await readCommon(command);
  const evidence = await evidenceOf(file, other, key);
  const judgement = judge(evidence, verifyEd25519);
  const keys = evidence.logKeys.map(formatVerifierKey);
  if (json) printJson({ ...judgement, keys });
  else if (judgement.proven) {
    print(`TWO HISTORIES: ${contradictions[judgement.contradiction]}.\n`);
    print(`Both notes are signed by ${keys.join(' or ')}.\n`);
  } else print(`Not shown: ${judgement.why}.\n`);
  if (judgement.proven) process.exitCode = exitCodes.refused;
  if (out === undefined) return;
  await writeFile(out, writeEvidence(evidence), { flag: 'wx' }).catch((cause: unknown) => {
    throw usageError(`${out} cannot be written: ${(cause as Error).message}.`);
  });
  remark(`The evidence is in ${out}. It holds no secret: give it to whom it concerns.`);
}

async function evidenceOf(
  file: string,
  other: string | undefined,
  keyText: string | undefined,
): Promise<Evidence> {
  const key = keyText === undefined ? null : parseVerifierKey(keyText);
  if (keyText !== undefined && !key) throw usageError(`${keyText} is no verifier key.`);
  if (other !== undefined) {
    if (!key) throw usageError('Name the log’s key: --key <verifier key>.');
    const notes = [await readBytesInput(file), await readBytesInput(other)] as const;
    return { logKeys: [key], notes, prefixProof: null };
  }
  const evidence = readEvidence((await readBytesInput(file)).toString('utf8'));
  if (!evidence) throw usageError(`${file} is no file of evidence; to compare, name two notes.`);
  if (key) return { ...evidence, logKeys: [key] };
  remark(
    'The key is the one that the file names: compare it with the one you trust, or use --key.',
  );
  return evidence;
}
