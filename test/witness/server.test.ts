import { expect } from 'chai';
import { mkdir } from 'node:fs/promises';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { utf8 } from '../../src/base/bytes.ts';
import { formatSubmission, submissionBytesMax } from '../../src/chain/checkpoint/submission.ts';
import { witnessServer } from '../../src/witness/server.ts';
import { makeLog } from '../chain/checkpoint/tree.ts';
import { newWitness, signedNote, type TestWitness } from './world.ts';

const submission = formatSubmission({
  oldSize: 0,
  proof: [],
  note: utf8(signedNote(makeLog(10))),
});

describe('a witness’s HTTP face', () => {
  let witness: TestWitness;
  let server: Server;
  let failures: Error[];
  let port: number;

  beforeEach(async () => {
    witness = await newWitness(null);
    failures = [];
    server = witnessServer(witness.witness, (error) => failures.push(error));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ({ port } = server.address() as AddressInfo);
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await witness.remove();
  });

  const post = (body: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${port}/add-checkpoint`, { method: 'POST', body });

  it('takes a body that breaks off for what it is: its own disk has not failed', async () => {
    for (const framing of [
      'Content-Length: 1000\r\n\r\n',
      'Transfer-Encoding: chunked\r\n\r\n5\r\n',
    ]) {
      const socket = connect(port, '127.0.0.1');
      await once(socket, 'connect');
      socket.write(`POST /add-checkpoint HTTP/1.1\r\nHost: w\r\n${framing}old`);
      await delay(30);
      socket.destroy();
    }
    await delay(50);
    expect(failures).to.deep.equal([]);
    expect((await post(submission)).status).to.equal(200);
  });

  it('answers a body that is longer than any submission, and takes the next one', async () => {
    const answer = await post('x'.repeat(submissionBytesMax + 1));
    expect(answer.status).to.equal(413);
    expect((await post(submission)).status).to.equal(200);
    expect(failures).to.deep.equal([]);
  });

  it('tells that its disk has failed, and gives out no cosignature', async () => {
    // A folder stands where the new state would be written.
    await mkdir(`${witness.files.stateFile}.new`);
    const answer = await post(submission);
    expect(answer.status).to.equal(500);
    expect(await answer.text()).not.to.include('\u2014');
    expect(failures).to.have.length(1);
  });
});
