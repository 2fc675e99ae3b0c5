import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { OperationalError } from '../../base/operational-error.ts';
import { apiSource } from '../../client/dossier/api-source.ts';
import { assembleDossier } from '../../client/dossier/assemble.ts';
import { computationOpening, valuationOpening } from '../../client/dossier/openings.ts';
import { ExchangeClient } from '../../client/exchange-client.ts';
import type { Party } from '../../client/party.ts';
import { noOpenings } from '../../dossier/schema.ts';
import { verifyDossier } from '../../dossier/verify.ts';
import type { Played } from '../play.ts';
import { ids } from '../scenario.ts';
import type { Stage } from '../stage.ts';

export interface DossierRequest {
  readonly stage: Stage;
  readonly url: string;
  readonly outDir: string;
  readonly parties: ReadonlyMap<string, Party>;
  readonly played: Played;
}

/** The buyer puts both trades into one file; a stranger checks it offline. @returns its path. */
export async function writeDossier(request: DossierRequest): Promise<string> {
  const { stage, outDir } = request;
  const file = path.join(outDir, 'trade.dossier.json');
  stage.act('Dossier: one file with which a stranger checks all of it, offline');
  await stage.step('buyer', 'assembles and seals the dossier of both trades', async () => {
    const bytes = await assemble(request);
    await writeFile(file, bytes, { flag: 'wx' });
    return { result: `${bytes.length} bytes` };
  });
  await stage.step('(stranger)', 'verifies it, offline', async () => {
    const { outcome, claims } = verifyDossier(new Uint8Array(await readFile(file)));
    const held = claims.filter((claim) => claim.outcome === 'HOLDS').length;
    if (outcome !== 'HOLDS') {
      throw new OperationalError('DEMO_DOSSIER', `${outcome}; see it with: dxl verify ${file}`);
    }
    return { result: `${held} of ${claims.length} claims hold` };
  });
  return file;
}

function assemble({ url, parties, played }: DossierRequest): Promise<Uint8Array> {
  const buyer = parties.get('buyer');
  if (!buyer) throw new OperationalError('DEMO_CAST', 'Nobody plays the buyer.');
  const { valuation, compute } = played;
  return assembleDossier(apiSource(new ExchangeClient(url)), {
    trades: [ids.trade, ids.computeTrade],
    key: buyer.signingKey,
    openings: {
      ...noOpenings,
      valuations: [
        valuationOpening({
          valuationId: ids.valuation,
          method: 'COST',
          version: 1,
          inputs: valuation.inputs,
          salt: valuation.salt,
        }),
      ],
      computations: [computationOpening({ jobId: ids.job, ...compute })],
    },
  });
}
