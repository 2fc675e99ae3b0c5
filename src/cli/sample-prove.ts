import type { Command } from 'commander';
import { toHex } from '../base/bytes.ts';
import { OperationalError } from '../base/operational-error.ts';
import { proofInputs, sizeOfSample } from '../client/listed-sample.ts';
import { refuseExisting } from '../client/refuse-existing.ts';
import { rulesInForce, sizesInForce } from '../client/rules-in-force.ts';
import { listingRecord } from '../listing/state.ts';
import { buildCircuit, defaultCacheDirectory, isBuilt } from '../privacy/zk/build/build-circuit.ts';
import { loadCircuitEntry } from '../privacy/zk/catalogue.ts';
import { prove } from '../privacy/zk/prover/prove.ts';
import { parseVerificationKey } from '../privacy/zk/verifier/verification-key.ts';
import { verifyProof } from '../privacy/zk/verifier/verify.ts';
import { usageError } from './exit.ts';
import { interruptibly } from './interrupted.ts';
import { readCommon } from './options.ts';
import { fields, print, printJson } from './output.ts';
import { durationOf, openProgress } from './progress.ts';
import { readSampleOpening } from './sample-opening.ts';
import type { ProveFlags } from './sample-flags.ts';
import { openClient } from './session.ts';
import { namingFile } from './table-error.ts';
import { writeNew } from './write-new.ts';

export async function proveSample(
  file: string,
  flags: ProveFlags,
  command: Command,
): Promise<void> {
  const common = await readCommon(command);
  await refuseExisting(flags.out);
  const { opening, sample } = await readSampleOpening(flags.opening);
  if (sample === null) throw usageError(`${flags.opening} holds no sample: \`dxl sample take\`.`);
  const client = await openClient(common);
  const inForce = await rulesInForce(client);
  const listing = await client.read(listingRecord, flags.listing);
  const size = sizeOfSample(sizesInForce(inForce), listing.sample);
  const { circuitId, rows, k } = size;
  // A circuit that the exchange does not have is its word (NOT_FOUND, 7000) before minutes are spent.
  const key = parseVerificationKey(await client.verificationKey(circuitId));
  const artefacts = await artefactsOf(circuitId, flags);
  const { chainId } = inForce;
  const part = opening.file?.part ?? null;
  const columns = listing.sample.quasiIdentifiers;
  const sampled = { path: file, table: opening.table, part, columns };
  const inputs = await namingFile(file, () =>
    proofInputs(sampled, sample, size, { chainId, listing }),
  );
  const progress = await openProgress({ label: circuitId, quiet: common.json });
  const { proof, publics, proveMs } = await interruptibly((signal) =>
    prove({
      ...{ circuitId, artefacts, signal },
      inputs: { ...inputs },
      onProgress: ({ phase }) => progress.update(phase === 'witness' ? 10 : 50, 100, phase),
    }),
  ).finally(() => progress.end());
  if (!key.ok || !verifyProof(key.value, publics, proof).ok) throw otherKey(circuitId);
  const answer = { listingId: listing.id, proof: toHex(proof) };
  await writeNew(flags.out, `${JSON.stringify(answer)}\n`, 0o644);
  if (common.json) printJson({ circuitId, rows, k, proveMs, out: flags.out });
  else print(fields({ rows, k, circuit: circuitId, took: durationOf(proveMs), proof: flags.out }));
}

async function artefactsOf(circuitId: string, { provingKey, circuits }: ProveFlags) {
  const cacheDir = circuits ?? defaultCacheDirectory;
  const { parameters, constraints } = await loadCircuitEntry(circuitId);
  if (!(await isBuilt(circuitId, cacheDir))) {
    throw new OperationalError(
      'CIRCUIT_NOT_BUILT',
      `The listing's sample of ${parameters['rows']} rows, k ${parameters['k']}, is proved by circuit ` +
        `${circuitId} of ${constraints} constraints, which is not built on this machine. Build it ` +
        `once: dxl circuits build ${circuitId} (docs/circuits.md says how long it takes).`,
    );
  }
  const built = await buildCircuit({ circuitId, cacheDir });
  return provingKey === undefined ? built : { ...built, zkeyPath: provingKey };
}

const otherKey = (circuitId: string): OperationalError =>
  new OperationalError(
    'CIRCUIT_KEY_OTHER',
    `The proof does not hold under the key that the exchange has for ${circuitId}. Where it is of a ` +
      'ceremony, name the proving key of that ceremony: --proving-key FILE.',
  );
