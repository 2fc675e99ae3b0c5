/** C18: who assembled the dossier, and that not a byte of it has changed since. */
import { fromHex } from '../../base/bytes.ts';
import { keyIdOf } from '../../base/key-id.ts';
import { keyRecord } from '../../identity/state.ts';
import { bytesOf, historyOf, type Evidence } from '../evidence.ts';
import { encodeContent } from '../format.ts';
import type { Finding } from '../../proof/report.ts';
import { tradesOf } from '../trades.ts';
import { sealInput } from '../seal.ts';
import { verifySignature } from '../../proof/signature.ts';

export function judgeSeal(evidence: Evidence): Finding {
  const { seal, ...content } = evidence.dossier;
  const { publicKey } = seal;
  const input = sealInput(publicKey, encodeContent(content));
  const found: string[] = [];
  if (!verifySignature(fromHex(publicKey), input, bytesOf(seal.signature))) {
    found.push('the seal does not verify over the content');
  }
  const key = historyOf(evidence, keyRecord, keyIdOf(publicKey)).at(-1)?.record;
  if (!key) found.push('no leaf registers the sealing key');
  if (key && key.state !== 'ACTIVE') found.push('the sealing key was revoked');
  const parties = tradesOf(evidence).flatMap(({ last }) => [last.buyer, last.seller]);
  const standing = key && parties.includes(key.organisationId) ? 'a party' : 'no party';
  return {
    problems: found,
    facts: key
      ? [`sealed by a key registered by ${key.organisationId}, ${standing} of these trades`]
      : [],
  };
}
