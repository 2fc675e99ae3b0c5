/** Which logs and witnesses count, and how many (c2sp.org/tlog-policy). */
import { toHex } from '../../base/bytes.ts';
import { verifyCosignature } from './cosignature.ts';
import {
  parseVerifierKey,
  signaturesOf,
  signatureTypes,
  type SignatureType,
  type SignedNote,
  type VerifierKey,
  type VerifySignature,
} from './note.ts';

export interface PolicyLog {
  readonly key: VerifierKey;
  readonly url: string | null;
}

export interface PolicyWitness {
  /** Of this policy; its key has a name of its own. */
  readonly name: string;
  readonly key: VerifierKey;
  /** Submission prefix, without a slash at its end. */
  readonly url: string | null;
}

/** Fulfilled where `threshold` of the members are: none of no members always is. */
export interface Group {
  readonly threshold: number;
  readonly members: readonly (PolicyWitness | Group)[];
}

export interface Policy {
  readonly logs: readonly PolicyLog[];
  readonly witnesses: readonly PolicyWitness[];
  readonly quorum: Group;
}

/** What is wrong, and in which line. */
export interface PolicyFault {
  readonly line: number;
  readonly problem: string;
}

/** No witness is asked for. */
export const noWitnesses: Policy = {
  logs: [],
  witnesses: [],
  quorum: { threshold: 0, members: [] },
};

interface Draft {
  readonly logs: PolicyLog[];
  readonly witnesses: PolicyWitness[];
  readonly named: Map<string, PolicyWitness | Group>;
  /** Members already in a group, so that no witness counts twice. */
  readonly taken: Set<string>;
  readonly publicKeys: Set<string>;
  quorum: Group | null;
}

/** @param needsQuorum false where only the logs are asked for: a witness's own list. */
export function parsePolicy(text: string, needsQuorum = true): Policy | PolicyFault {
  const draft: Draft = {
    logs: [],
    witnesses: [],
    named: new Map(),
    taken: new Set(),
    publicKeys: new Set(),
    quorum: null,
  };
  const lines = text.split('\n');
  for (const [at, line] of lines.entries()) {
    const problem = readLine(line, draft);
    if (problem !== null) return { line: at + 1, problem };
  }
  const { logs, witnesses, quorum } = draft;
  if (quorum) return { logs, witnesses, quorum };
  if (!needsQuorum) return { logs, witnesses, quorum: noWitnesses.quorum };
  return { line: lines.length, problem: 'no quorum line; `quorum none` asks for no witness' };
}

/** Witnesses a quorum needs at least: k, for the usual group of k of n. */
export function leastWitnesses(quorum: Group): number {
  const costs = quorum.members.map((member) => ('members' in member ? leastWitnesses(member) : 1));
  return costs
    .sort((one, other) => one - other)
    .slice(0, quorum.threshold)
    .reduce((sum, cost) => sum + cost, 0);
}

export interface CosignatureTimes {
  /** Seconds since the epoch. */
  readonly nowS: number;
  /** Older ones do not count. */
  readonly ageMaxS?: number;
  /** By how much a witness's clock may be ahead. */
  readonly aheadMaxS: number;
}

export interface Cosigners {
  /** Names of witnesses, with the newest time that counts. */
  readonly timestampS: ReadonlyMap<string, number>;
  /** Witnesses of whom a signature stands there that does not verify: the note is not sound. */
  readonly faulty: readonly string[];
}

/** Each witness once, however often it signed. Costs one verification for each such signature. */
export function cosignersOf(
  note: SignedNote,
  { witnesses }: Policy,
  { nowS, ageMaxS = Infinity, aheadMaxS }: CosignatureTimes,
  verify: VerifySignature,
): Cosigners {
  const timestampS = new Map<string, number>();
  const faulty = new Set<string>();
  for (const { name, key } of witnesses) {
    for (const signature of signaturesOf(note, key)) {
      const time = verifyCosignature(note.text, signature, key, verify);
      if (time === null) faulty.add(name);
      else if (time <= nowS + aheadMaxS && time >= nowS - ageMaxS) {
        timestampS.set(name, Math.max(time, timestampS.get(name) ?? 0));
      }
    }
  }
  return { timestampS, faulty: [...faulty] };
}

export const isFulfilled = (
  { threshold, members }: Group,
  cosigned: Pick<ReadonlySet<string>, 'has'>,
): boolean =>
  members.filter((member) =>
    'members' in member ? isFulfilled(member, cosigned) : cosigned.has(member.name),
  ).length >= threshold;

// eslint-disable-next-line no-control-regex -- control characters are what is refused
const controls = /[\u0000-\u0008\u000b-\u001f\u007f]/;

function readLine(line: string, draft: Draft): string | null {
  if (controls.test(line)) return 'a control character';
  const items = line.split(/[ \t]+/).filter((item) => item !== '');
  const [keyword = '', ...rest] = items;
  if (keyword === '' || keyword.startsWith('#')) return null;
  if (keyword === 'log') return readLog(rest, draft);
  if (keyword === 'witness') return readWitness(rest, draft);
  if (keyword === 'group') return readGroup(rest, draft);
  if (keyword === 'quorum') return readQuorum(rest, draft);
  return `unknown keyword ${keyword}; known: log, witness, group, quorum`;
}

function readLog([keyText = '', url, ...more]: string[], draft: Draft): string | null {
  const key = takeKey(keyText, signatureTypes.log, draft);
  if (typeof key === 'string') return key;
  if (more.length > 0) return 'a log has a key and a URL';
  const address = readUrl(url);
  if (address === false) return `${url ?? ''} is no http or https address`;
  draft.logs.push({ key, url: address });
  return null;
}

function readWitness(items: string[], draft: Draft): string | null {
  const [name = '', keyText = '', url, ...more] = items;
  const fault = checkName(name, draft);
  if (fault !== null) return fault;
  const key = takeKey(keyText, signatureTypes.cosignature, draft);
  if (typeof key === 'string') return key;
  if (more.length > 0) return 'a witness has a name, a key and a URL';
  const address = readUrl(url);
  if (address === false) return `${url ?? ''} is no http or https address`;
  const witness = { name, key, url: address };
  draft.witnesses.push(witness);
  draft.named.set(name, witness);
  return null;
}

function readGroup([name = '', count = '', ...names]: string[], draft: Draft): string | null {
  const fault = checkName(name, draft);
  if (fault !== null) return fault;
  const members: (PolicyWitness | Group)[] = [];
  for (const each of names) {
    const member = draft.named.get(each);
    if (!member) return `${each} is not defined above`;
    if (draft.taken.has(each)) return `${each} is a member already`;
    draft.taken.add(each);
    members.push(member);
  }
  const threshold = count === 'all' ? members.length : count === 'any' ? 1 : readCount(count);
  if (members.length === 0) return 'a group has a member';
  if (threshold === null || threshold > members.length) {
    return `${count} is not all, any or a number from 1 to ${members.length}`;
  }
  draft.named.set(name, { threshold, members });
  return null;
}

function readQuorum([name = '', ...more]: string[], draft: Draft): string | null {
  if (draft.quorum) return 'a second quorum line';
  if (name === '' || more.length > 0) return 'a quorum is one name';
  if (name === 'none') {
    draft.quorum = noWitnesses.quorum;
    return null;
  }
  const found = draft.named.get(name);
  if (!found) return `${name} is not defined above`;
  draft.quorum = 'members' in found ? found : { threshold: 1, members: [found] };
  return null;
}

const checkName = (name: string, { named }: Draft): string | null =>
  name === ''
    ? 'a name is missing'
    : name === 'none' || named.has(name)
      ? `the name ${name} is taken`
      : null;

/** The key, or what is wrong with it. No public key stands twice, be it as a log's and a witness's. */
function takeKey(text: string, type: SignatureType, draft: Draft): VerifierKey | string {
  const key = parseVerifierKey(text);
  if (!key) return `${text} is no verifier key (name+id+base64)`;
  if (key.type !== type) {
    return `${text} is a key of signature type ${key.type}; ${type} is needed here`;
  }
  const publicKey = toHex(key.publicKey);
  if (draft.publicKeys.has(publicKey)) return `the public key of ${text} stands here twice`;
  draft.publicKeys.add(publicKey);
  return key;
}

function readCount(text: string): number | null {
  return /^[1-9][0-9]{0,3}$/.test(text) ? Number(text) : null;
}

/** null where none is given, false where it is none. */
function readUrl(text: string | undefined): string | null | false {
  if (text === undefined) return null;
  return /^https?:\/\/[^\s/]/.test(text) ? text.replace(/\/+$/, '') : false;
}
