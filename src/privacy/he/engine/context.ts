import type { Context } from 'node-seal/implementation/context.js';
import { toHex } from '../../../base/bytes.ts';
import { assert } from '../../../base/assert.ts';
import type { Preset } from '../presets.ts';
import { loadSeal, type Seal } from './seal.ts';
import { withScope } from './scope.ts';

/** What a warm worker keeps for its whole life. */
export interface HeContext {
  readonly seal: Seal;
  readonly preset: Preset;
  readonly context: Context;
}

/** Costs 0.1 s for 4096 slots, 2.3 s for the widest preset: once in the life of a worker. */
export async function openContext(preset: Preset): Promise<HeContext> {
  const seal = await loadSeal();
  const context = withScope((own) => {
    const parameters = own(seal.EncryptionParameters(seal.SchemeType.bgv));
    const bits = Int32Array.from(preset.keyModuliBits);
    const moduli = own(seal.CoeffModulus.Create(preset.polyDegree, bits));
    parameters.setPolyModulusDegree(preset.polyDegree);
    parameters.setCoeffModulus(moduli);
    parameters.setPlainModulus(own(seal.Modulus(preset.plainModulus)));
    assert(
      String(parameters.coeffModulus) === String(preset.keyModuli),
      `SEAL chose other primes than those of ${preset.id}`,
    );
    return seal.Context(parameters, true, seal.SecurityLevel.tc128);
  });
  assert(context.parametersSet(), `SEAL refuses ${preset.id} at 128 bits`);
  withScope((own) => {
    const words = own(context.firstParmsId).values;
    const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    assert(toHex(bytes) === preset.parmsId, `SEAL has another parms_id for ${preset.id}`);
  });
  return { seal, preset, context };
}
