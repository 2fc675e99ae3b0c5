import { readFile } from 'node:fs/promises';
import {
  encodeEnvelopeSequence,
  envelopeSequenceType,
} from '../../src/chain/tx/envelope-sequence.ts';
import { ExchangeClient } from '../../src/client/exchange-client.ts';
import { openKeyFile } from '../../src/client/keystore/key-file.ts';
import { Signers } from './signers.ts';

export interface Admission {
  readonly url: string;
  /** Of the operator. */
  readonly keyFile: string;
  readonly passphraseFile: string;
  /** Organisations, one key each. */
  readonly keys: number;
}

/** Signers that the node at the address has admitted. Throws where it refuses one. */
export async function admitSigners(admission: Admission): Promise<Signers> {
  const { url, keyFile, passphraseFile, keys } = admission;
  const client = new ExchangeClient(url);
  const passphrase = (await readFile(passphraseFile, 'utf8')).trim();
  const { signingKey } = await openKeyFile(keyFile, passphrase);
  const { height } = await client.status();
  const signers = new Signers(await client.chainId(), height + 90_000, keys);
  const first = await client.nextSequence(signingKey.keyId);
  const admissions = signers.admissions(signingKey, first);
  for (let at = 0; at < admissions.length; at += 64) {
    const body = encodeEnvelopeSequence(admissions.slice(at, at + 64));
    const response = await fetch(`${url}/v1/transactions:batch`, {
      method: 'POST',
      headers: { 'content-type': envelopeSequenceType },
      body,
    });
    const { outcomes } = (await response.json()) as { outcomes: { status: number }[] };
    const refused = outcomes.find(({ status }) => status !== 201);
    if (refused) throw new Error(`an organisation was not admitted: ${JSON.stringify(refused)}`);
  }
  return signers;
}
