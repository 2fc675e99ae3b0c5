/** C14 and C15: what was delivered, that the buyer took it, and the certificate of it all. */
import type { Registration } from '../../rights/schema.ts';
import { registrationRecord } from '../../rights/state.ts';
import { tradeCertificateNumber } from '../../trading/types.ts';
import { causeOf, recordBefore, type Evidence } from '../evidence.ts';
import type { Finding } from '../../proof/report.ts';
import { disputeText } from '../told/ends.ts';
import { fingerprintFact, tableOf } from '../told/fingerprint.ts';
import { duesOf } from '../told/money.ts';
import { whenText } from '../words.ts';
import { eachTrade, eventNamed, tradesOf, type TradeView } from '../trades.ts';

export const judgeDelivery = (evidence: Evidence): Finding =>
  eachTrade(evidence, tradesOf(evidence), 'there is no trade', (trade) =>
    judgeHandover(evidence, trade),
  );

function judgeHandover(evidence: Evidence, trade: TradeView): Finding {
  const handedOver =
    eventNamed(trade, 'trading.delivered') ?? eventNamed(trade, 'trading.computed');
  const { last } = trade;
  if (!handedOver) return { problems: [], absent: `the trade is ${last.state}: nothing delivered` };
  const { delivery, computation } = handedOver.record;
  const { logIndex } = handedOver;
  const registered = recordBefore(evidence, registrationRecord, last.registrationId, logIndex);
  const found: string[] = [];
  if (last.purpose === 'DELIVERY' ? delivery === null : computation === null) {
    found.push(`what was handed over is not what a trade for ${last.purpose} is of`);
  }
  if (delivery) found.push(...checkFingerprint(delivery, registered));
  const accepted = eventNamed(trade, 'trading.delivery-accepted');
  const dispute = disputeText(evidence, last);
  const facts = [
    delivery
      ? `${last.seller} declared as delivered: ciphertext ${delivery.ciphertextDigest}, rows root ` +
        delivery.rowsRoot
      : `release commitment ${computation?.releaseCommitment ?? ''}`,
    ...(delivery && registered ? [fingerprintFact(registered, tableOf(evidence, registered))] : []),
    ...(dispute ? [dispute] : []),
  ];
  if (!accepted) {
    const absent = dispute
      ? `the buyer did not accept it. ${dispute}`
      : `the trade is ${last.state}: not accepted`;
    return { problems: found, absent, facts };
  }
  if (accepted.record.acceptance?.by !== 'BUYER') {
    return {
      problems: found,
      absent: 'the buyer kept silent until the deadline accepted it',
      facts,
    };
  }
  const named = causeOf(evidence, accepted)?.command['digest'];
  if (named !== (delivery?.ciphertextDigest ?? computation?.releaseCommitment)) {
    found.push('the buyer accepted another digest');
  }
  const when = whenText(evidence, accepted.leaf.timeMs);
  facts.push(
    `${last.buyer} accepted it on ${when}; whether its machine compared anything is not recorded`,
  );
  return {
    problems: found,
    absent: delivery ? null : 'nothing compares what was computed on with the registered rows',
    facts,
  };
}

function checkFingerprint(
  delivery: Pick<Registration['fingerprint'], 'rowsRoot' | 'contentCommitment'>,
  registered: Registration | null,
): string[] {
  if (!registered) return ['its registration is not here'];
  const found = registered.state === 'ACTIVE' ? [] : ['its registration was not in force'];
  const { rowsRoot, contentCommitment } = registered.fingerprint;
  if (delivery.rowsRoot !== rowsRoot || delivery.contentCommitment !== contentCommitment) {
    found.push('what was delivered does not have the registered fingerprint');
  }
  return found;
}

/** What the certificate does not say by itself: on what grounds it was issued, and who is paid by now. */
function certificateFacts(evidence: Evidence, { last }: TradeView, number: string): string[] {
  const dispute = disputeText(evidence, last);
  const bySilence = last.acceptance?.by === 'SILENCE';
  return [
    `certificate ${number}`,
    ...(dispute ? [`issued after a dispute. ${dispute}`] : []),
    ...(bySilence
      ? ['issued although nobody accepted: the buyer said nothing until the deadline']
      : []),
    ...duesOf(evidence, last).map(({ text }) => text),
  ];
}

export const judgeCertificate = (evidence: Evidence): Finding =>
  eachTrade(evidence, tradesOf(evidence), 'there is no trade', (trade) => {
    const certified = eventNamed(trade, 'trading.certified');
    const certificate = certified?.record.certificate;
    if (!certified || !certificate) {
      return {
        problems: [],
        absent: `the trade is ${trade.last.state}: no certificate was issued`,
      };
    }
    const { number, issuedAtMs } = certificate;
    const { agreement, settlement } = certified.record;
    const found: string[] = [];
    const { calendar } = evidence.genesis.rules;
    const due = agreement && tradeCertificateNumber(agreement.termsHash, issuedAtMs, calendar);
    if (number !== due) found.push('its number does not follow from the agreement');
    if (issuedAtMs !== certified.leaf.timeMs) found.push('it names another time than its block');
    if (settlement === null) found.push('it was issued before the settlement');
    return { problems: found, facts: certificateFacts(evidence, trade, number) };
  });
