import { expect } from 'chai';
import { assert, integer, property } from 'fast-check';
import { momentText, withMoments } from '../../src/base/moment-text.ts';

const shanghai = 480;

describe('a moment for people', () => {
  it('stands in the zone that is given, with the zone named', () => {
    const rows: [number, number, string][] = [
      [Date.UTC(2026, 2, 5, 6, 30), shanghai, '2026-03-05 14:30:00 UTC+08:00'],
      [Date.UTC(2026, 11, 31, 16, 0), shanghai, '2027-01-01 00:00:00 UTC+08:00'],
      [Date.UTC(2024, 1, 29, 15, 59, 59, 999), shanghai, '2024-02-29 23:59:59 UTC+08:00'],
      [0, 0, '1970-01-01 00:00:00 UTC'],
      [0, -210, '1969-12-31 20:30:00 UTC-03:30'],
      [-1, 0, '1969-12-31 23:59:59 UTC'],
      [Number.MAX_SAFE_INTEGER, 840, '287396-10-12 22:59:00 UTC+14:00'],
    ];
    for (const [atMs, offset, text] of rows) expect(momentText(atMs, offset)).to.equal(text);
  });

  it('agrees with the platform’s calendar at every moment that both know', () => {
    const atMost = Date.UTC(9999, 11, 30);
    assert(
      property(
        integer({ min: 0, max: atMost }),
        integer({ min: -840, max: 840 }),
        (atMs, offset) => {
          const local = new Date(atMs + offset * 60_000).toISOString();
          const text = momentText(atMs, offset);
          expect(text.slice(0, 19)).to.equal(local.slice(0, 19).replace('T', ' '));
          expect(text.slice(20)).to.match(/^UTC([+-][0-9]{2}:[0-9]{2})?$/);
        },
      ),
    );
  });

  it('refuses what is no moment', () => {
    for (const wrong of [NaN, Infinity, 1.5, 2 ** 53]) {
      expect(() => momentText(wrong, 0), String(wrong)).to.throw('whole number');
    }
  });
});

describe('moments in a refusal’s words', () => {
  const shown = (detail: string): string => withMoments(detail, shanghai);

  it('are written anew', () => {
    expect(shown('It ended at 1772692200000 ms.')).to.equal(
      'It ended at 2026-03-05 14:30:00 UTC+08:00.',
    );
    expect(shown('Trade t-1 was PROPOSED until 1772692200000 ms; the ledger goes on.')).to.equal(
      'Trade t-1 was PROPOSED until 2026-03-05 14:30:00 UTC+08:00; the ledger goes on.',
    );
    expect(shown('Listing l: valid until 0 ms.')).to.contain(
      'until 1970-01-01 08:00:00 UTC+08:00.',
    );
  });

  it('are all that is: lengths of time, ids and numbers beyond any clock stay', () => {
    const others = [
      'It waited 500 ms.',
      'Trade at-1772692200000 is FUNDED.',
      'It stood until 9999999999999999 ms.',
      'It came at 1772692200000 milliseconds.',
      '',
    ];
    for (const detail of others) expect(shown(detail)).to.equal(detail);
  });
});
