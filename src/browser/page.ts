/** The page /verify: a file goes in, a report comes out, and nothing leaves the browser. */
import type { DossierReport } from '../dossier/report.ts';
import type { ProofReport, Shown } from '../proof/report.ts';
import { readKeptCheckpoint, verifyDossier, verifyProof } from './verifier.ts';

type Report = ProofReport | DossierReport;

interface ShownClaim {
  readonly id: string;
  readonly title: string;
  readonly outcome: string;
  readonly restsOn: string;
  readonly reasons: readonly string[];
  readonly facts: readonly string[];
  readonly shown?: Shown | null;
}

function find<Kind extends HTMLElement>(id: string): Kind {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found as Kind;
}

/** Text is set as text: what a file holds is never read as HTML. */
function make(name: string, className: string, ...content: (string | Node)[]): HTMLElement {
  const element = document.createElement(name);
  if (className !== '') element.className = className;
  element.append(...content);
  return element;
}

const input = find<HTMLInputElement>('file');
const kept = find<HTMLInputElement>('kept');
const genesisHash = find<HTMLInputElement>('genesis-hash');
const validatorsHash = find<HTMLInputElement>('validators-hash');
const drop = find('drop');
const status = find('status');
const result = find('result');

let current: { readonly name: string; readonly bytes: Uint8Array } | null = null;

const bytesOf = async (file: File): Promise<Uint8Array> => new Uint8Array(await file.arrayBuffer());

async function take(file: File | undefined): Promise<void> {
  if (!file) return;
  current = { name: file.name, bytes: await bytesOf(file) };
  await show();
}

async function show(): Promise<void> {
  if (!current) return;
  const { name, bytes } = current;
  status.textContent = `Checking ${name} …`;
  result.replaceChildren();
  // One turn, so that the line above is painted: a dossier takes about a second.
  await new Promise((resolve) => setTimeout(resolve, 20));
  try {
    const began = performance.now();
    const report = await judge(bytes);
    const tookMs = Math.max(1, Math.round(performance.now() - began));
    status.textContent = `${name}: ${bytes.length.toLocaleString('en')} bytes, checked in ${tookMs} ms.`;
    result.replaceChildren(...reportNodes(report));
  } catch (error) {
    status.textContent = error instanceof Error ? error.message : String(error);
  }
}

async function judge(bytes: Uint8Array): Promise<Report> {
  const trusted = {
    trustedGenesisHash: hashIn(genesisHash, 'genesis hash'),
    trustedValidatorsHash: hashIn(validatorsHash, 'hash of a validator set'),
  };
  const head = new TextDecoder().decode(bytes);
  const keptFile = kept.files?.[0];
  if (!head.includes('"format":"dxl/proof/')) {
    if (keptFile) throw new Error('A kept checkpoint is for proof files; this is none.');
    return verifyDossier(bytes, trusted);
  }
  const since = keptFile && readKeptCheckpoint(await bytesOf(keptFile));
  return verifyProof(bytes, { ...trusted, since });
}

function hashIn({ value }: HTMLInputElement, name: string): string | undefined {
  const given = value.trim().toLowerCase();
  if (given === '') return undefined;
  if (!/^[0-9a-f]{64}$/.test(given)) throw new Error(`A ${name} is 64 hexadecimal digits.`);
  return given;
}

const verdicts: Readonly<
  Record<string, readonly [className: string, title: string, says: string]>
> = {
  HOLDS: ['holds', 'It holds', 'Everything that this file claims is shown.'],
  FAILS: [
    'fails',
    'It fails',
    'Do not rely on this file: a claim of it is not true of this chain.',
  ],
  'NOT SHOWN': ['open', 'Not all is shown', 'Nothing fails, but a claim is not shown.'],
  // Of a claim alone, never of a file.
  'DOES NOT APPLY': ['outside', '', ''],
};

function reportNodes(report: Report): Node[] {
  const isProof = report.format === 'dxl/proof-report/1';
  const isOpen = report.outcome === 'HOLDS' && report.notShown > 0;
  const [className, title, says] = verdicts[report.outcome] ?? ['open', report.outcome, ''];
  const count = report.notShown === 1 ? 'One claim is' : `${report.notShown} claims are`;
  const more = isOpen ? ` ${count} left open; see below.` : '';
  // What became of the trades comes first, but where nothing here is to be relied on.
  const ends = 'ends' in report ? endNodes(report) : [];
  const isRefused = report.outcome === 'FAILS';
  return [
    ...(isRefused ? [] : ends),
    make(
      'div',
      `verdict ${className}`,
      make('strong', '', `${title}.`),
      ` ${isOpen && !isProof ? 'No claim of this dossier fails.' : says}${more}`,
    ),
    ...(isRefused ? ends : []),
    ...report.warnings.map((warning) => make('p', 'warning', warning)),
    ...('ends' in report ? presentNodes(report) : []),
    summary(report),
    ...claimNodes(report.claims),
    make('h2', '', 'What no such file shows'),
    make('ul', 'limits', ...report.limits.map((limit) => make('li', '', limit))),
  ];
}

/** What became of the trades: before all else, for who reads no further. */
const endNodes = ({ ends, concerns }: DossierReport): Node[] => [
  ...ends.map(({ tradeId, headline, lines, concerns: own }) =>
    make(
      'div',
      own.length === 0 ? 'end holds' : 'end open',
      make('strong', '', `Trade ${tradeId}`),
      make('p', '', headline),
      ...lines.map((line) => make('p', 'fact', line)),
    ),
  ),
  ...concerns.map((concern) => make('p', 'warning', concern)),
];

function presentNodes(report: DossierReport): Node[] {
  const { present, actors, checkpoint } = report;
  if (present.rows.length === 0) return [];
  const title =
    present.areNewest && checkpoint
      ? `Each record as of the checkpoint, height ${checkpoint.height}, ${checkpoint.time}`
      : 'Each record as last shown here; what came later can have been left out';
  const states = present.rows.map(({ kind, state, ids, isBad }) =>
    row(`${isBad ? '⚠ ' : ''}${kind} ${state}`, ids.join(', ')),
  );
  const people = actors.map(({ organisationId, owner, capacities }) =>
    row(organisationId, `${capacities.join(', ')}; owner ${owner ?? 'not stated'}`),
  );
  return [
    make('h2', '', title),
    make('table', 'facts', ...states),
    make('h2', '', 'Who acted, and as what'),
    make('table', 'facts', ...people),
  ];
}

/** What the file was made to show comes first, then what that rests on. */
function claimNodes(claims: readonly ShownClaim[]): Node[] {
  const own = claims.filter(({ shown }) => shown);
  const listOf = (title: string, rows: readonly ShownClaim[]): Node[] =>
    rows.length === 0 ? [] : [make('h2', '', title), make('ol', 'claims', ...rows.map(claimNode))];
  return own.length === 0
    ? listOf('Claim by claim', claims)
    : [
        ...listOf('What it shows', own),
        ...listOf(
          'What that rests on',
          claims.filter(({ shown }) => !shown),
        ),
      ];
}

function summary(report: Report): HTMLElement {
  const { chainId, genesisHash: hash, blockSigner, checkpoint, fileDigest } = report;
  const rows: [string, string | null][] = [
    ['Chain', chainId],
    ['Block', checkpoint && `${checkpoint.height}, ${checkpoint.time}`],
    ['Genesis hash', hash],
    ['Block signer', blockSigner],
    ['App hash', checkpoint && 'appHash' in checkpoint ? checkpoint.appHash : null],
    ['SHA-256 of the file', fileDigest],
  ];
  const known = rows.filter(([, value]) => value !== null);
  return make('table', 'facts', ...known.map(([name, value]) => row(name, value ?? '')));
}

const row = (name: string, value: string): HTMLElement =>
  make('tr', '', make('th', '', name), make('td', '', make('code', '', value)));

function claimNode(claim: ShownClaim): HTMLElement {
  const { id, title, outcome, restsOn, reasons, facts } = claim;
  const className = verdicts[outcome]?.[0] ?? 'open';
  return make(
    'li',
    className,
    make('span', `badge ${className}`, outcome),
    make('div', 'claim', make('b', '', title), make('small', '', `${id} · ${restsOn}`)),
    ...reasons.map((reason) => make('p', 'reason', reason)),
    ...facts.map((fact) => make('p', 'fact', fact)),
    ...(outcome === 'HOLDS' && claim.shown ? [recordNode(claim.shown)] : []),
  );
}

/** The fields of what is shown; nothing for logs and absence. */
function recordNode(shown: Shown): Node {
  const content = shown.what === 'leaf' ? shown.leaf : shown.what === 'state' ? shown.record : null;
  if (content === null) return make('span', '');
  const fields = typeof content === 'object' ? content : { value: content };
  const rows = Object.entries(fields).map(([name, value]) => row(name, textOf(value)));
  return make('details', '', make('summary', '', 'Its fields'), make('table', 'facts', ...rows));
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value, bigintAsText);

const bigintAsText = (_name: string, value: unknown): unknown =>
  typeof value === 'bigint' ? String(value) : value;

input.addEventListener('change', () => void take(input.files?.[0]));
kept.addEventListener('change', () => void show());
genesisHash.addEventListener('change', () => void show());
validatorsHash.addEventListener('change', () => void show());
for (const name of ['dragenter', 'dragover'] as const) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.add('over');
  });
}
drop.addEventListener('dragleave', () => drop.classList.remove('over'));
drop.addEventListener('drop', (event) => {
  event.preventDefault();
  drop.classList.remove('over');
  void take(event.dataTransfer?.files[0]);
});
// A file that is dropped beside the field would otherwise replace the page.
for (const name of ['dragover', 'drop'] as const) {
  window.addEventListener(name, (event) => event.preventDefault());
}
