/** The trades that a dossier is of, with what each rests on, as claims ask for it. */
import type { Trade } from '../trading/schema.ts';
import { tradeRecord } from '../trading/state.ts';
import { historyOf, type Evidence, type LoggedEvent } from './evidence.ts';
import type { Finding } from '../proof/report.ts';

export interface TradeView {
  readonly id: string;
  readonly history: readonly LoggedEvent<Trade>[];
  /** As the last leaf has it. */
  readonly last: Trade;
  /** The event by which both had signed. */
  readonly agreed: LoggedEvent<Trade> | null;
}

/** The trades that have any leaf; those that have none are told by `missingTrades`. */
export const tradesOf = (evidence: Evidence): TradeView[] =>
  evidence.dossier.trades.flatMap((id) => {
    const history = historyOf(evidence, tradeRecord, id);
    const last = history.at(-1)?.record;
    const agreed = history.find(({ leaf }) => leaf.name === 'trading.agreed') ?? null;
    return last ? [{ id, history, last, agreed }] : [];
  });

export const missingTrades = (evidence: Evidence): string[] =>
  evidence.dossier.trades
    .filter((id) => historyOf(evidence, tradeRecord, id).length === 0)
    .map((id) => `trade ${id} has no leaf here`);

/** The first event of a trade by that name. */
export const eventNamed = ({ history }: TradeView, name: string): LoggedEvent<Trade> | null =>
  history.find(({ leaf }) => leaf.name === name) ?? null;

/**
 * One finding of the findings of parts. It fails where one fails; it is not shown where none does
 * and one is not, or where there is no part at all; it does not apply where it does to no part. Of
 * some parts only, that it does not apply to them is a fact.
 */
export function combine(findings: readonly Finding[], whenNone: string): Finding {
  const absences = findings.flatMap(({ absent }) => (absent ? [absent] : []));
  const outside = findings.flatMap(({ inapplicable }) => (inapplicable ? [inapplicable] : []));
  const isOutside = outside.length === findings.length;
  return {
    problems: findings.flatMap(({ problems }) => problems),
    absent: findings.length === 0 ? whenNone : absences.join('; ') || null,
    inapplicable: isOutside ? outside.join('; ') : null,
    facts: [...findings.flatMap(({ facts }) => facts ?? []), ...(isOutside ? [] : outside)],
  };
}

/** Judges each trade by itself, its problems led by its id. */
export const eachTrade = (
  evidence: Evidence,
  trades: readonly TradeView[],
  whenNone: string,
  judge: (trade: TradeView) => Finding,
): Finding => {
  const finding = combine(
    trades.map((trade) => {
      const { problems, absent, inapplicable, facts } = judge(trade);
      const lead = (text: string) => `${trade.id}: ${text}`;
      return {
        problems: problems.map(lead),
        absent: absent ? lead(absent) : null,
        inapplicable: inapplicable ? lead(inapplicable) : null,
        facts: (facts ?? []).map(lead),
      };
    }),
    whenNone,
  );
  return { ...finding, problems: [...missingTrades(evidence), ...finding.problems] };
};
