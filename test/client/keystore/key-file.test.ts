import { expect } from 'chai';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fromHex, utf8 } from '../../../src/base/bytes.ts';
import { OperationalError } from '../../../src/base/operational-error.ts';
import { verifyEd25519 } from '../../../src/chain/tx/signature.ts';
import { leastCost, moderateCost } from '../../../src/client/keystore/cost.ts';
import { readKeyFile } from '../../../src/client/keystore/format.ts';
import {
  newKeyFile,
  openKeyFile,
  rotatedKeyFile,
  showKeyFile,
} from '../../../src/client/keystore/key-file.ts';
import { openSealed, sealTo } from '../../../src/client/sealing.ts';

const passphrase = '正确的马 battery staple';

const chosen = (): Promise<string> => Promise.resolve(passphrase);

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'no error';
  } catch (error) {
    if (error instanceof OperationalError) return error.code;
    throw error;
  }
}

describe('key file', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'dxl-key-'));
    file = path.join(folder, 'seller.key');
  });

  afterEach(() => rm(folder, { recursive: true }));

  const make = () =>
    newKeyFile(file, { passphrase, organisationId: 'seller-one', cost: leastCost });

  it('gives back the same party', async () => {
    const made = await make();
    const opened = await openKeyFile(file, passphrase);
    expect(opened.organisationId).to.equal('seller-one');
    expect(opened.signingKey.keyId).to.equal(made.signingKey.keyId);
    expect(opened.encryptionKey).to.equal(made.encryptionKey);
    const message = utf8('signed');
    const signature = opened.signingKey.sign(message);
    expect(verifyEd25519(fromHex(made.signingKey.publicKey), message, signature)).to.equal(true);
    expect(openSealed(opened, sealTo(made.encryptionKey, message))).to.deep.equal(message);
  });

  it('shows the public part without the passphrase', async () => {
    const made = await make();
    const shown = await showKeyFile(file);
    expect(shown.keyId).to.equal(made.signingKey.keyId);
    expect(shown.organisationId).to.equal('seller-one');
  });

  it('makes another key every time', async () => {
    const first = await make();
    const second = await newKeyFile(path.join(folder, 'b.key'), { passphrase, cost: leastCost });
    expect(second.signingKey.keyId).to.not.equal(first.signingKey.keyId);
    expect(second.encryptionKey).to.not.equal(first.encryptionKey);
    expect(second.organisationId).to.equal(null);
  });

  it('opens with the passphrase typed in another normal form', async () => {
    await newKeyFile(file, { passphrase: 'caf\u00e9 caf\u00e9', cost: leastCost });
    expect(await codeOf(openKeyFile(file, 'cafe\u0301 cafe\u0301'))).to.equal('no error');
  });

  it('refuses a wrong passphrase', async () => {
    await make();
    expect(await codeOf(openKeyFile(file, `${passphrase} `))).to.equal('KEY_PASSPHRASE_WRONG');
  });

  it('refuses a short passphrase', async () => {
    const made = newKeyFile(file, { passphrase: '1234567', cost: leastCost });
    expect(await codeOf(made)).to.equal('KEY_PASSPHRASE_SHORT');
    expect(await codeOf(stat(file).catch(() => null))).to.equal('no error');
  });

  it('never overwrites a file', async () => {
    await writeFile(file, 'precious');
    expect(await codeOf(make())).to.equal('KEY_FILE_EXISTS');
    expect(await readFile(file, 'utf8')).to.equal('precious');
  });

  it('says which file is missing, and where none can be written', async () => {
    expect(await codeOf(openKeyFile(file, passphrase))).to.equal('KEY_FILE_MISSING');
    const nowhere = path.join(folder, 'absent', 'a.key');
    const made = newKeyFile(nowhere, { passphrase, cost: leastCost });
    expect(await codeOf(made)).to.equal('KEY_FILE_UNWRITABLE');
  });

  it('is readable by its owner only, and refused where others may read it', async function () {
    if (process.platform === 'win32') this.skip();
    await make();
    expect((await stat(file)).mode & 0o777).to.equal(0o600);
    await chmod(file, 0o640);
    expect(await codeOf(openKeyFile(file, passphrase))).to.equal('KEY_FILE_PERMISSIONS');
  });

  it('refuses the file with any one byte changed', async () => {
    await make();
    const bytes = await readFile(file);
    const opened: number[] = [];
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Buffer.from(bytes);
      changed[index] = (changed[index] ?? 0) ^ [0x01, 0x20, 0x80][index % 3]!;
      await writeFile(file, changed);
      const code = await codeOf(openKeyFile(file, passphrase));
      if (code !== 'KEY_FILE_CORRUPT' && code !== 'KEY_FILE_VERSION') opened.push(index);
    }
    expect(opened).to.deep.equal([]);
  });

  it('refuses the file cut short or with bytes added', async () => {
    await make();
    const text = await readFile(file, 'utf8');
    for (const changed of ['', text.slice(0, -1), `${text}\n`, text.replace('{', '{"x": 1,')]) {
      await writeFile(file, changed);
      expect(await codeOf(openKeyFile(file, passphrase))).to.equal('KEY_FILE_CORRUPT');
    }
  });

  it('names a format that it does not know', async () => {
    await make();
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('dxl-key/1', 'dxl-key/3'));
    expect(await codeOf(openKeyFile(file, passphrase))).to.equal('KEY_FILE_VERSION');
  });

  it('does not open with public parts exchanged by somebody who mends the checksum', async () => {
    await make();
    const file2 = path.join(folder, 'other.key');
    await newKeyFile(file2, { passphrase, organisationId: 'other', cost: leastCost });
    const { writeKeyFile } = await import('../../../src/client/keystore/format.ts');
    const mine = readKeyFile(await readFile(file, 'utf8'));
    const others = readKeyFile(await readFile(file2, 'utf8'));
    const changes = [
      { organisationId: 'other' },
      { keyId: others.keyId },
      { publicKey: others.publicKey },
      { encryptionKey: others.encryptionKey },
      { nonce: others.nonce },
      { salt: others.salt },
      { secret: others.secret },
      { cost: { operations: 2, memoryBytes: 8192 } },
    ];
    for (const change of changes) {
      await writeFile(file, writeKeyFile({ ...mine, ...change }));
      const code = await codeOf(openKeyFile(file, passphrase));
      expect(code, Object.keys(change)[0]).to.equal('KEY_PASSPHRASE_WRONG');
    }
  });

  it('is rotated into a file that opens what was sealed to each before it', async () => {
    const first = await make();
    const boxes = [sealTo(first.encryptionKey, utf8('box 0'))];
    let from = file;
    for (const number of [1, 2, 3]) {
      const next = path.join(folder, `seller-${number}.key`);
      const { next: made } = await rotatedKeyFile(
        { path: from, passphrase },
        { path: next, passphrase: chosen, cost: leastCost, withSealing: number !== 2 },
      );
      boxes.push(sealTo(made.encryptionKey, utf8(`box ${number}`)));
      from = next;
    }
    const last = await openKeyFile(from, passphrase);
    expect(last.organisationId).to.equal('seller-one');
    expect(last.earlierEncryptionKeys).to.have.length(2);
    const found = boxes.map((box) => new TextDecoder().decode(openSealed(last, box)));
    expect(found).to.deep.equal(['box 0', 'box 1', 'box 2', 'box 3']);
    const oldest = await openKeyFile(file, passphrase);
    expect(oldest.openSealedBox(boxes[3]!)).to.equal(null);
  });

  it('refuses a rotated file with an earlier key exchanged, left out, or too many of them', async () => {
    await make();
    const next = path.join(folder, 'next.key');
    const options = { path: next, passphrase: chosen, cost: leastCost, withSealing: true };
    await rotatedKeyFile({ path: file, passphrase }, options);
    const { writeKeyFile } = await import('../../../src/client/keystore/format.ts');
    const mine = readKeyFile(await readFile(next, 'utf8'));
    const table = [
      [[mine.encryptionKey], 'KEY_PASSPHRASE_WRONG'],
      [[], 'KEY_FILE_CORRUPT'],
      [Array.from({ length: 121 }, () => mine.encryptionKey), 'KEY_FILE_CORRUPT'],
    ] as const;
    for (const [earlierEncryptionKeys, code] of table) {
      await writeFile(next, writeKeyFile({ ...mine, earlierEncryptionKeys }));
      expect(await codeOf(openKeyFile(next, passphrase))).to.equal(code);
    }
  });

  it('is not rotated by a wrong passphrase, and then nothing is made', async () => {
    await make();
    const next = path.join(folder, 'next.key');
    const options = { path: next, passphrase: chosen, cost: leastCost, withSealing: true };
    const wrong = rotatedKeyFile({ path: file, passphrase: `${passphrase} ` }, options);
    expect(await codeOf(wrong)).to.equal('KEY_PASSPHRASE_WRONG');
    expect(await readdir(folder)).to.deep.equal(['seller.key']);
  });

  it('leaves nothing beside itself', async () => {
    await make();
    expect(await readdir(folder)).to.deep.equal(['seller.key']);
  });

  it('refuses a file that asks for more memory or passes than is reasonable', async () => {
    await make();
    const { writeKeyFile } = await import('../../../src/client/keystore/format.ts');
    const mine = readKeyFile(await readFile(file, 'utf8'));
    for (const cost of [
      { operations: 1, memoryBytes: 2 ** 40 },
      { operations: 1000, memoryBytes: 8192 },
      { operations: 0, memoryBytes: 8192 },
      { operations: 1.5, memoryBytes: 8192 },
    ]) {
      await writeFile(file, writeKeyFile({ ...mine, cost }));
      expect(await codeOf(openKeyFile(file, passphrase))).to.equal('KEY_FILE_CORRUPT');
    }
  });

  it('costs libsodium’s MODERATE unless told otherwise', () => {
    expect(moderateCost).to.deep.equal({ operations: 3, memoryBytes: 256 * 1024 * 1024 });
  });
});
