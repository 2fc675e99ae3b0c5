import { successWith } from '../../../base/result.ts';
import { decryptSlots, encryptChunks, makeKeyPair } from '../engine/secret.ts';
import { precheckCiphertext } from '../precheck.ts';
import type { SellerTasks } from './messages.ts';
import { serve } from './serve.ts';

/** Entry point of the seller's child process, on the seller's own machine. */
await serve<SellerTasks>({
  makeKey: (he) => successWith(makeKeyPair(he)),
  encrypt(he, { secretKey, values }, onChunk) {
    return successWith({ records: encryptChunks(he, secretKey, values, onChunk) });
  },
  decrypt(he, { secretKey, ciphertext }) {
    const checked = precheckCiphertext(he.preset, 'full', ciphertext);
    if (!checked.ok) return checked;
    const slots = decryptSlots(he, secretKey, ciphertext);
    return slots.ok ? successWith({ slots: slots.value }) : slots;
  },
});
