/** What the acts of the demonstration share: who plays, through which exchange, and what is kept. */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { RecordKind } from '../base/room.ts';
import type { RulePack } from '../base/rules.ts';
import type { Static, TObject } from '../base/schema.ts';
import type { NamedOperation } from '../client/commands.ts';
import type { Decrypted } from '../client/delivery/decrypt-parts.ts';
import type { ReceiveDelivery } from '../client/delivery/receive.ts';
import type { SendDelivery, SentDelivery } from '../client/delivery/send.ts';
import type { Party } from '../client/party.ts';
import type { Receipt } from '../client/views.ts';
import type { Dataset } from './dataset.ts';
import type { Stage } from './stage.ts';

/** An operation with its command, typed by the room's schema. */
export const act = <Schema extends TObject>(
  name: string,
  _schema: Schema,
  command: Static<Schema>,
): NamedOperation => ({ name, command });

export interface Player {
  readonly id: string;
  readonly party: Party;
  /** One envelope with these operations, signed by this player alone. */
  submit(...operations: readonly NamedOperation[]): Promise<Receipt>;
  /** As it stands after every write of this scenario so far. */
  read<Schema extends TObject>(kind: RecordKind<Schema>, id: string): Promise<Static<Schema>>;
  /** @param about the record that needs it: `trade/id` */
  putContent(bytes: Uint8Array, about: string): Promise<string>;
  getContent(digest: string): Promise<Uint8Array>;
  sendDelivery(request: SendDelivery): Promise<SentDelivery>;
  receiveDelivery(request: Omit<ReceiveDelivery, 'peers'>): Promise<Decrypted>;
}

export interface Scenario {
  readonly stage: Stage;
  readonly player: (id: string) => Player;
  readonly dataset: Dataset;
  readonly chainId: string;
  readonly rules: RulePack;
  /** Where each party keeps its own files, in a folder of its name. */
  readonly outDir: string;
  /** What the parties choose to show in the dossier, and figures for the table at the end. */
  readonly figures: Map<string, string>;
}

export const ids = {
  registration: 'birdstrikes-registration',
  objection: 'birdstrikes-objection',
  listing: 'birdstrikes-listing',
  review: 'birdstrikes-review',
  valuation: 'birdstrikes-valuation',
  trade: 'birdstrikes-trade',
  computeTrade: 'birdstrikes-compute',
  job: 'birdstrikes-job',
} as const;

/** Where the seller has the table. */
export const tableFile = ({ outDir }: Pick<Scenario, 'outDir'>): string =>
  path.join(outDir, 'seller', 'birdstrikes.csv');

/** 32 bytes that nobody else knows. */
export const newSalt = (): Uint8Array => new Uint8Array(randomBytes(32));
