import { expect } from 'chai';
import fc from 'fast-check';
import {
  CheckTxType,
  Request,
  Response,
  ResponseProcessProposal_ProposalStatus as Status,
} from 'cosmjs-types/tendermint/abci/types';
import { concat, fromHex, toHex, utf8 } from '../../../src/base/bytes.ts';
import { encodeFrame, FrameError, FrameReader } from '../../../src/chain/abci/frame.ts';
import { decidedBlock } from './abci-client.ts';

/** Encoded by hand from the field numbers of tendermint/abci/types.proto of CometBFT 0.38. */
const goldenRequests: readonly [string, Request, string][] = [
  ['Echo', { echo: { message: 'hi' } }, '06' + '0a04' + '0a026869'],
  ['Flush', { flush: {} }, '02' + '1200'],
  [
    'Info',
    { info: { version: '0.38.25', blockVersion: 11n, p2pVersion: 8n, abciVersion: '2.0.0' } },
    '16' +
      '1a14' +
      '0a07' +
      toHex(utf8('0.38.25')) +
      '100b' +
      '1808' +
      '2205' +
      toHex(utf8('2.0.0')),
  ],
  [
    'CheckTx',
    { checkTx: { tx: Uint8Array.of(1, 2), type: CheckTxType.RECHECK } },
    '08' + '4206' + '0a020102' + '1001',
  ],
  ['Commit', { commit: {} }, '02' + '5a00'],
  [
    'FinalizeBlock',
    { finalizeBlock: decidedBlock(7, 1_500, [Uint8Array.of(9)]) },
    '6e' +
      'a2016b' +
      '0a0109' +
      '1200' +
      '2220' +
      '07'.repeat(32) +
      '2807' +
      '3208' +
      '0801' +
      '1080cab5ee01' +
      '3a20' +
      'aa'.repeat(32) +
      '4214' +
      'bb'.repeat(20),
  ],
];

const goldenResponses: readonly [string, Response, string][] = [
  ['Exception', { exception: { error: 'no' } }, '06' + '0a04' + '0a026e6f'],
  ['Flush', { flush: {} }, '02' + '1a00'],
  ['Commit', { commit: { retainHeight: 0n } }, '02' + '6200'],
  ['ProcessProposal', { processProposal: { status: Status.ACCEPT } }, '05' + '920102' + '0801'],
  [
    'FinalizeBlock',
    {
      finalizeBlock: {
        events: [],
        txResults: [
          {
            ...{ code: 107, data: Uint8Array.of(5), log: 'no', info: '', gasWanted: 0n },
            ...{ gasUsed: 0n, events: [], codespace: 'dxl' },
          },
        ],
        validatorUpdates: [],
        appHash: Uint8Array.of(1, 2),
      },
    },
    '17' + 'aa0114' + '120e' + '086b' + '120105' + '1a026e6f' + '42' + '03' + '64786c' + '2a020102',
  ],
];

describe('frames of ABCI', () => {
  for (const [name, request, hex] of goldenRequests) {
    it(`writes and reads the request ${name} byte for byte`, () => {
      const frame = encodeFrame(Request.encode(request).finish());
      expect(toHex(frame)).to.equal(hex);
      const [message] = [...new FrameReader().push(fromHex(hex))];
      expect(toHex(Request.encode(Request.decode(message!)).finish())).to.equal(toHex(message!));
    });
  }
  for (const [name, response, hex] of goldenResponses) {
    it(`writes the response ${name} byte for byte`, () => {
      expect(toHex(encodeFrame(Response.encode(response).finish()))).to.equal(hex);
    });
  }

  it('gives the same messages however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 97 }), { minLength: 1, maxLength: 30 }),
        (messages, cuts) => {
          const stream = concat(...messages.map(encodeFrame));
          const reader = new FrameReader(1_000);
          const found: string[] = [];
          for (let at = 0, cut = 0; at < stream.length; cut += 1) {
            const end = at + (cuts[cut % cuts.length] ?? 1);
            for (const message of reader.push(stream.subarray(at, end))) found.push(toHex(message));
            at = end;
          }
          expect(found).to.deep.equal(messages.map(toHex));
          expect(reader.held).to.equal(0);
        },
      ),
    );
  });

  it('refuses a length above the limit before its bytes come, and a length without an end', () => {
    const refuses = (bytes: number[]) =>
      expect(() => [...new FrameReader(1_000).push(Uint8Array.from(bytes))]).to.throw(FrameError);
    refuses([0xe9, 0x07]);
    refuses([0x80, 0x80, 0x80, 0x80, 0x80, 0x00]);
    refuses([0xff, 0xff, 0xff, 0xff, 0xff]);
    expect([...new FrameReader(1_000).push(Uint8Array.of(0xe8, 0x07))]).to.deep.equal([]);
  });

  it('never holds more than one frame of any bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 3_000 }), { maxLength: 8 }), (chunks) => {
        const reader = new FrameReader(500);
        try {
          for (const chunk of chunks) {
            for (const message of reader.push(chunk)) expect(message.length).to.be.at.most(500);
            expect(reader.held).to.be.at.most(500);
          }
        } catch (error) {
          expect(error).to.be.instanceOf(FrameError);
        }
      }),
    );
  });
});
