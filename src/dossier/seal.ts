import { fromHex } from '../base/bytes.ts';
import { taggedHash } from '../base/hash.ts';
import type { SigningKey } from '../chain/tx/signing-key.ts';
import { toBase64url } from '../base/base64url.ts';
import { encodeContent } from './format.ts';
import type { Dossier, DossierContent } from './schema.ts';

/** What the assembling party signs: H('dxl/dossier-seal/1', public key ‖ content). */
export const sealInput = (publicKey: string, content: Uint8Array): Uint8Array =>
  taggedHash('dxl/dossier-seal/1', fromHex(publicKey), content);

/** Binds every byte of the content to one signature. Throws CodecError on a misshapen content. */
export function sealDossier(content: DossierContent, key: SigningKey): Dossier {
  const { publicKey } = key;
  const signature = key.sign(sealInput(publicKey, encodeContent(content)));
  return { ...content, seal: { publicKey, signature: toBase64url(signature) } };
}
