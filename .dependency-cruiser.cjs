/**
 * The map of docs/architecture.md, "Who may import whom". Arrows point down; test/house shows that
 * each rule catches what it is for. A new room is a row of `rooms`; a new shell a row of `shells`.
 */

/** Domain rooms and the rooms below them whose nouns they may use. */
const rooms = {
  identity: [],
  governance: ['identity'],
  pricing: ['identity'],
  rights: ['identity'],
  listing: ['identity', 'pricing', 'rights'],
  compliance: ['identity', 'pricing', 'rights', 'listing'],
  trading: ['identity', 'pricing', 'rights', 'listing', 'compliance'],
  'privacy/jobs': ['identity', 'pricing', 'rights', 'listing', 'compliance', 'trading'],
  supervision: ['identity', 'pricing', 'rights', 'listing', 'compliance', 'trading'],
  recognition: ['identity', 'pricing', 'rights', 'listing', 'compliance', 'trading'],
};

/** What one room shows to another: nouns, keys, codes and schemas, never a transition. */
const nouns = '(types|state|results|schema)\\.ts$';

/** Pure functions of a room that parties run on their own machines: no transitions. */
const partySide =
  '^src/(identity/(possession|credit-code)|rights/fingerprint|compliance/decision)\\.ts$';

const anyRoom = `(${Object.keys(rooms).join('|')})`;
const roomNouns = `^src/${anyRoom}/${nouns}`;
const zkPure = '^src/privacy/zk/(verifier|statements)(/|\\.ts$)';
/** How a table's roots are put together: registrations hold them, reports recompute them. */
const tableRoots = '^src/data/fingerprint/fingerprint\\.ts$';
const zkNouns = `^src/privacy/zk/${nouns}`;

/** Everything that runs inside consensus or offline: pure, synchronous, the same everywhere. */
const pure =
  `^src/(base|proof|dossier|${Object.keys(rooms).join('|')}|chain/(machine|tx|tree|light|checkpoint)` +
  '|privacy/zk/(verifier|statements))(/|\\.ts$)';

/** What a table is: of the room `data`, all but what reads files and starts threads. */
const dataCore = '^src/data/(?!shell/)';

/** What of the machine is known outside: how its bytes read, and what the rooms offer. */
const machineCodecs = '^src/chain/machine/(leaf|header|genesis|registry|project)\\.ts$';

/** How a compute job's specification and release read: pure, apart from the SEAL runtime. */
const heRelease =
  '^src/privacy/he/(results|presets|protocols/p2/(job-spec|check-release|release|result-digest))\\.ts$';

/** Other parts of src and all that each may import from src. Paths are regular expressions. */
const shells = {
  'chain/tree': ['^src/(base|chain/tree)/'],
  'chain/tx': ['^src/(base|chain/(tree|tx))/'],
  'chain/checkpoint': ['^src/(base|chain/checkpoint)/', '^src/chain/tx/signing-key\\.ts$'],
  'chain/light': ['^src/(base|chain/light)/'],
  'chain/machine': ['^src/(base|chain/(tree|tx|machine))/', zkPure],
  'chain/engine': ['^src/(base|chain|strip-types)/'],
  'strip-types': ['^src/strip-types/'],
  'chain/abci': ['^src/(base|chain)/'],
  'chain/fsck': ['^src/(base|chain)/'],
  'chain/archive': ['^src/(base|chain)/'],
  'privacy/zk/verifier': ['^src/base/', zkPure, zkNouns],
  'privacy/zk/statements': ['^src/base/', zkPure, zkNouns],
  'privacy/zk': ['^src/(base|privacy/zk)/'],
  'privacy/he': ['^src/(base|privacy/he)/', '^src/privacy/jobs/' + nouns],
  browser: ['^src/(base|browser|proof|dossier)/', '^src/chain/(tree|light)/', machineCodecs],
  proof: ['^src/(base|proof)/', '^src/chain/(tree|light)/', machineCodecs, roomNouns],
  dossier: [
    '^src/(base|proof|dossier|pricing)/',
    '^src/chain/(tx|tree)/',
    machineCodecs,
    roomNouns,
    partySide,
    tableRoots,
    zkPure,
    zkNouns,
    heRelease,
  ],
  content: ['^src/(base|content)/', roomNouns],
  data: ['^src/(base|disk|data)/', '^src/chain/engine/start-thread\\.ts$'],
  disk: ['^src/disk/'],
  store: [
    '^src/(base|disk|store|content)/',
    '^src/chain/(tx|tree)/',
    '^src/chain/engine/(ports|start-thread)\\.ts$',
    '^src/chain/machine/[^/]*(leaf|leaves|header|ports|types)[^/]*\\.ts$',
    roomNouns,
    zkNouns,
  ],
  client: [
    '^src/(base|data|disk|client|content|proof|dossier|pricing)/',
    '^src/chain/(tx|tree|light)/',
    '^src/chain/rooms\\.ts$',
    machineCodecs,
    '^src/privacy/(zk|he)/',
    roomNouns,
    partySide,
  ],
  witness: [
    '^src/(base|disk|witness)/',
    '^src/chain/(checkpoint|tx)/',
    '^src/chain/machine/genesis\\.ts$',
  ],
  publication: [
    '^src/(base|publication)/',
    '^src/chain/(checkpoint|tx)/',
    '^src/chain/engine/engine\\.ts$',
    '^src/chain/machine/header\\.ts$',
    '^src/witness/(bounded-fetch|durable-file)\\.ts$',
  ],
  node: ['^src/(base|node)/', '^src/chain/(tx|machine)/', '^src/privacy/zk/'],
  api: [
    '^src/(base|api|store|content|proof|dossier)/',
    '^src/chain/(tx|tree|light|engine|checkpoint)/',
    '^src/chain/rooms\\.ts$',
    machineCodecs,
    roomNouns,
    zkNouns,
  ],
  demo: [
    '^src/(base|data|demo|client|cli|dossier|pricing)/',
    '^src/chain/(tx|tree)/',
    '^src/privacy/(zk|he)/',
    roomNouns,
    partySide,
    zkNouns,
  ],
};

/** npm packages that belong to one place each. */
const packages = {
  'database-in-store': { names: ['typeorm', 'pg', 'pg-query-stream'], at: ['^src/store/'] },
  'http-server-in-api': {
    names: ['express', 'helmet', 'pino-http', 'swagger-ui-dist'],
    at: ['^src/api/'],
  },
  'prover-in-zk': {
    names: ['snarkjs', 'circom2', 'circomlib', 'poseidon-lite', 'ffjavascript'],
    at: ['^src/privacy/zk/(prover|build)(/|\\.ts$)'],
  },
  'parquet-in-data': { names: ['hyparquet', 'hyparquet-compressors'], at: ['^src/data/shell/'] },
  'seal-in-he': { names: ['node-seal'], at: ['^src/privacy/he/'] },
  'sodium-in-tx-and-client': { names: ['sodium-native'], at: ['^src/chain/tx/', '^src/client/'] },
  'stripper-in-strip-types': { names: ['@swc/wasm-typescript'], at: ['^src/strip-types/'] },
};

const slug = (name) => name.replaceAll('/', '-');
const inNpm = (names) => `(^|/)node_modules/(@types/)?(${names.join('|')})/`;

const roomRules = Object.entries(rooms).flatMap(([room, below]) => [
  {
    name: `${slug(room)}-imports-down-only`,
    comment: `The room ${room} sees the base, statements of privacy/zk and the rooms below it.`,
    severity: 'error',
    from: { path: `^src/${room}/` },
    to: {
      path: '^src/',
      pathNot: [
        '^src/base/',
        `^src/${room}/`,
        zkPure,
        zkNouns,
        ...(room === 'rights' ? [tableRoots] : []),
        ...below.map((other) => `^src/${other}/`),
      ],
    },
  },
  {
    name: `${slug(room)}-imports-no-transition`,
    comment: `Of another room, ${room} sees the nouns (types, state, results, schema), no verb.`,
    severity: 'error',
    from: { path: `^src/${room}/` },
    to: { path: `^src/${anyRoom}/`, pathNot: [`^src/${room}/`, roomNouns] },
  },
]);

const shellRules = Object.entries(shells).map(([shell, allowed]) => ({
  name: `${slug(shell)}-imports-down-only`,
  comment: `What ${shell} may see is its row of the table of shells.`,
  severity: 'error',
  from: { path: `^src/${shell}(/|\\.ts$)` },
  to: { path: '^src/', pathNot: allowed },
}));

const packageRules = Object.entries(packages).map(([name, { names, at }]) => ({
  name,
  comment: `${names.join(', ')}: replaceable because only one place knows it.`,
  severity: 'error',
  from: { path: '^(src|bin)/', pathNot: at },
  to: { path: inNpm(names) },
}));

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'Modules that need each other are one module, or miss a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'A module that nobody imports and that imports nobody is dead.',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: ['^src/(main|cli/main)\\.ts$', '\\.d\\.ts$'] },
      to: {},
    },
    {
      name: 'not-to-unresolvable',
      comment: 'What cannot be found cannot be judged: this rule keeps the others honest.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'not-to-dev-dependency',
      comment: 'src runs where only dependencies are installed.',
      severity: 'error',
      from: { path: '^(src|bin)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'src-stands-alone',
      comment: 'The product does not import its tests, benchmarks or scripts.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|scripts|bin)/' },
    },
    {
      name: 'base-imports-base',
      comment: 'The base stands on nothing of ours.',
      severity: 'error',
      from: { path: '^src/base/' },
      to: { path: '^src/', pathNot: '^src/base/' },
    },
    {
      name: 'pure-imports-no-node',
      comment: 'Consensus and the offline verifier run where there is no Node, and without I/O.',
      severity: 'error',
      from: { path: [pure, dataCore, '^src/browser/'] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'pure-imports-few-packages',
      comment: 'From npm: typebox and @noble; sodium-native in chain/tx, hashtree in chain/tree.',
      severity: 'error',
      from: { path: [pure, dataCore] },
      to: {
        path: '(^|/)node_modules/',
        pathNot: [inNpm(['typebox', '@noble/[^/]+', 'sodium-native', '@chainsafe/[^/]+'])],
      },
    },
    {
      name: 'pure-throws-no-operational-error',
      comment: 'An expected failure is a result code, a bug an assertion; there is no third.',
      severity: 'error',
      from: { path: [pure, dataCore], pathNot: '^src/base/' },
      to: { path: '^src/base/operational-error\\.ts$' },
    },
    {
      name: 'data-core-imports-no-shell',
      comment: 'What a table is, is the same in Node and in a page; its shell reads files.',
      severity: 'error',
      from: { path: dataCore },
      to: { path: '^src/', pathNot: ['^src/base/', dataCore] },
    },
    {
      name: 'verifiers-reach-no-native-code',
      comment: 'A stranger verifies with plain JavaScript: no native code, not even behind others.',
      severity: 'error',
      from: { path: '^src/(proof|dossier|browser|chain/checkpoint)/' },
      to: { path: inNpm(['sodium-native', '@chainsafe/[^/]+']), reachable: true },
    },
    {
      name: 'rooms-are-composed-in-one-place',
      comment: 'chain/rooms.ts alone knows every room; the machine is given it.',
      severity: 'error',
      from: { path: '^src/chain/(?!rooms\\.ts$)' },
      to: { path: `^src/${anyRoom}/` },
    },
    {
      name: 'rooms-ts-composes-rooms',
      comment: 'The registry wires; it sees no shell.',
      severity: 'error',
      from: { path: '^src/chain/rooms\\.ts$' },
      to: {
        path: '^src/',
        pathNot: [
          `^src/(base|${Object.keys(rooms).join('|')})/`,
          '^src/chain/',
          '^src/privacy/zk/',
        ],
      },
    },
    {
      name: 'config-read-by-shells',
      comment:
        'Settings are handed down from main, the commands and a validator’s process; nobody below asks for them.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot:
          '^src/(main\\.ts$|config\\.ts$|cli/|api/|store/|demo/|net/validator(-main)?\\.ts$)',
      },
      to: { path: '^src/config\\.ts$' },
    },
    ...roomRules,
    ...shellRules,
    ...packageRules,
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: '(^|/)node_modules/' },
    exclude: { path: '^(coverage|\\.data)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
      extensions: ['.ts', '.mjs', '.js', '.cjs', '.json', '.d.ts'],
    },
    moduleSystems: ['es6', 'cjs'],
    cache: false,
  },
};
