/** Judges every committed block by a model of its own, written from the rules of the exchange. */
import { fromCbor } from '../../../src/base/codec.ts';
import { registry } from '../../../src/chain/rooms.ts';
import { checkMoneyInvariants } from '../../../src/trading/escrow/invariants.ts';
import type { Account, Licence, Posting, Trade } from '../../../src/trading/schema.ts';
import { readLeaves, type View } from '../view.ts';
import { AccessAuditor, readEnvelope } from './access.ts';
import { GovernanceAuditor } from './governance.ts';
import { LinksAuditor } from './links.ts';
import { MoneyAuditor } from './money.ts';
import { must } from './must.ts';
import { RightsAuditor } from './rights.ts';
import { ValuationAuditor } from './valuations.ts';

export interface JudgedBlock {
  readonly height: number;
  readonly timeMs: number;
  readonly envelopes: readonly Uint8Array[];
  readonly leaves: readonly { readonly bytes: Uint8Array }[];
}

/** Codes below this are the envelope’s own: nothing of it was applied. */
const firstRoomCode = 1000;

/** In the receipt of an envelope that uses no sequence. */
const noKey = '00'.repeat(32);

export class Auditor {
  readonly #view: View;
  readonly #access = new AccessAuditor();
  readonly #rights = new RightsAuditor(this.#access);
  readonly #valuations = new ValuationAuditor();
  readonly #money = new MoneyAuditor(this.#access, this.#rights);
  readonly #governance = new GovernanceAuditor();
  readonly #links = new LinksAuditor();
  /** Operations that were applied, by name; and envelopes by result code. */
  readonly applied = new Map<string, number>();
  readonly codes = new Map<number, number>();

  /** @param view moved on by this auditor, block by block */
  constructor(view: View) {
    this.#view = view;
  }

  /** Throws AuditError with the rule that is broken. */
  judge({ height, timeMs, envelopes, leaves }: JudgedBlock): void {
    const { events, receipts } = readLeaves(leaves);
    must(receipts.length === envelopes.length, 'every envelope has its receipt');
    this.#access.passTime(timeMs);
    this.#rights.passTime(timeMs, this.#governance.holds(2, height));
    this.#money.passTime(timeMs, this.#governance.holds(2, height));
    const effective = new Set<string | null>();
    for (const [position, bytes] of envelopes.entries()) {
      const code = receipts[position]?.resultCode ?? 0;
      this.codes.set(code, (this.codes.get(code) ?? 0) + 1);
      const isRefused = code !== 0 && code < firstRoomCode;
      if (isRefused && receipts[position]?.keyId === noKey) continue;
      const reading = readEnvelope(bytes);
      // Signed, and refused all the same: of a key that lost its standing, or over a limit.
      if (isRefused) {
        this.#access.spend(reading);
        continue;
      }
      must(receipts[position]?.envelopeId === reading.id, `receipt ${position} is of its envelope`);
      const by = this.#access.admit(reading, height);
      if (code !== 0) continue;
      effective.add(reading.id);
      for (const [number, encoded] of reading.operations) {
        this.#apply(number, encoded, by, reading.keyId, timeMs);
      }
    }
    for (const { envelopeId, name } of events) {
      const caused = envelopeId === null || effective.has(envelopeId);
      must(caused, `${name} comes of time or of an envelope that was applied`);
    }
    this.#links.judge(events);
    this.#view.apply(events);
    this.#governance.compare(this.#view, height);
    this.#compare(timeMs);
  }

  #apply(
    number: number,
    encoded: Parameters<typeof fromCbor>[1],
    by: string,
    keyId: string,
    timeMs: number,
  ): void {
    const operation = registry.operations.get(number);
    must(operation, `operation ${number} is one of the exchange's`);
    const { name } = operation;
    const command = fromCbor(operation.command, encoded) as Record<string, unknown>;
    this.applied.set(name, (this.applied.get(name) ?? 0) + 1);
    this.#access.apply(name, keyId, command, timeMs);
    this.#rights.apply(name, by, command, timeMs);
    this.#valuations.apply(name, by, command);
    this.#money.apply(name, by, command, timeMs);
  }

  #compare(timeMs: number): void {
    const view = this.#view;
    this.#access.compare(view);
    this.#rights.compare(view);
    this.#valuations.compare(view);
    this.#money.compare(view, timeMs);
    const broken = checkMoneyInvariants({
      trades: view.all('trade') as unknown as Trade[],
      licences: view.all('licence') as unknown as Licence[],
      postings: view.all('posting') as unknown as Posting[],
      accounts: view.all('account') as unknown as Account[],
      timeMs,
    });
    must(broken.length === 0, `money: ${broken.join(', ')}`);
  }
}
