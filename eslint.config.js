import eslint from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/**
 * Prettier alone decides on layout; .dependency-cruiser.cjs alone on imports between rooms. Here:
 * sizes, types that lie, promises that nobody awaits, and what would make two nodes disagree.
 */

const consensus = [
  'src/{base,identity,governance,rights,pricing,listing,compliance,trading,supervision,recognition}/**/*.ts',
  'src/privacy/jobs/**/*.ts',
  'src/privacy/zk/{verifier,statements}{,/**/*}.ts',
  'src/chain/{machine,tx,tree,light,checkpoint}/**/*.ts',
  'src/{dossier,proof}/**/*.ts',
  'src/data/*.ts',
  'src/data/!(shell)/**/*.ts',
];

const why = 'two nodes, or two years, would not agree on it (CONTRIBUTING.md, Determinism).';

const noDefaultExport = {
  selector: 'ExportDefaultDeclaration, ExportSpecifier[exported.name="default"]',
  message: 'Name what you export: a default has another name at every import.',
};

const noBarrel = {
  selector: 'ExportAllDeclaration',
  message: 'No barrels: import from the file that defines it.',
};

const environmentRead = {
  selector: 'MemberExpression[object.name="process"][property.name="env"]',
  message: 'src/config.ts is the only reader of the environment.',
};

const nonDeterministicSyntax = [
  [
    'MemberExpression[object.name="Math"]:not([property.name=/^(min|max|trunc|ceil|floor|abs|clz32|imul)$/])',
    'Of Math, only what gives an integer for integers: min, max, trunc, ceil, floor, abs, clz32, imul',
  ],
  ['VariableDeclarator[init.name="Math"]', 'Math may not be taken apart'],
  ['Literal[raw=/^(\\d[\\d_]*)?\\.\\d/]', 'No floats: scaled bigint with a stated rounding'],
  ['Literal[raw=/^[\\d_]+e-/i]', 'No floats: scaled bigint with a stated rounding'],
  [
    'MemberExpression[property.name=/^(localeCompare|normalize|toLocale\\w*)$/]',
    'Text is compared by its bytes (compareText), never by a locale',
  ],
  ['MemberExpression[property.name=/^(toFixed|toPrecision|toExponential)$/]', 'No float text'],
  ['MemberExpression[object.name="Number"][property.name="parseFloat"]', 'No floats'],
  [
    'CallExpression[callee.property.name=/^(sort|toSorted)$/][arguments.length=0]',
    'The default order is of UTF-16 text, of numbers and bigints too: give a comparator',
  ],
  ['ForInStatement', 'The order of keys is not the ledger’s order'],
  ['ImportExpression', 'No import at run time'],
].map(([selector, message]) => ({ selector, message: `${message}: ${why}` }));

const nonDeterministicGlobals = [
  ...['Date', 'Intl', 'performance', 'crypto', 'fetch', 'parseFloat', 'process', 'Buffer'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'globalThis', 'global'],
  ...['WeakRef', 'FinalizationRegistry', 'console', 'require'],
].map((name) => ({ name, message: `Not in consensus code: ${why}` }));

/** Type-aware: `/` on numbers makes a float unless a rounding is put around it at once. */
const noFloatDivision = {
  meta: { type: 'problem', schema: [], messages: { float: `Round the quotient at once: ${why}` } },
  create(context) {
    const rounding = /^(trunc|ceil|floor)$/;
    const isRounded = ({ parent }) =>
      parent.type === 'CallExpression' &&
      parent.callee.object?.name === 'Math' &&
      rounding.test(parent.callee.property?.name);
    const services = context.sourceCode.parserServices;
    const isBigint = (node) => {
      const type = services.getTypeAtLocation(node);
      const types = services.program.getTypeChecker();
      return types.typeToString(types.getBaseTypeOfLiteralType(type)) === 'bigint';
    };
    return {
      'BinaryExpression[operator="/"]'(node) {
        if (!isRounded(node) && !isBigint(node)) context.report({ node, messageId: 'float' });
      },
      'AssignmentExpression[operator="/="]'(node) {
        if (!isBigint(node.left)) context.report({ node, messageId: 'float' });
      },
    };
  },
};

/** For adapters around untyped libraries, and for tests that read JSON. */
const untypedNeighbours = {
  '@typescript-eslint/no-unsafe-argument': 'off',
  '@typescript-eslint/no-unsafe-assignment': 'off',
  '@typescript-eslint/no-unsafe-call': 'off',
  '@typescript-eslint/no-unsafe-member-access': 'off',
  '@typescript-eslint/no-unsafe-return': 'off',
};

export default defineConfig(
  {
    ignores: [
      ...['node_modules/', 'coverage/', '.data/', 'circuits/', 'shims/', 'docs/', 'public/'],
      '**/*.d.ts',
    ],
  },
  eslint.configs.recommended,
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: { globals: { process: 'readonly', module: 'writable', require: 'readonly' } },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      eqeqeq: 'error',
      'no-restricted-syntax': ['error', noDefaultExport, noBarrel],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // Ports are asynchronous and class literals are records, whoever implements them.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // Text is spread by code points, which is what the schemas count.
      '@typescript-eslint/no-misused-spread': [
        'error',
        { allow: [{ from: 'lib', name: 'string' }] },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allowNever: true },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/config.ts'],
    rules: {
      'no-restricted-syntax': ['error', noDefaultExport, noBarrel, environmentRead],
      'no-restricted-imports': [
        'error',
        {
          paths: ['node:process', 'process'].map((name) => ({
            name,
            importNames: ['env', 'default'],
            message: environmentRead.message,
          })),
        },
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/{cli,demo}/**/*.ts'],
    rules: { 'no-console': 'error' },
  },
  {
    files: consensus,
    plugins: { house: { rules: { 'no-float-division': noFloatDivision } } },
    rules: {
      'house/no-float-division': 'error',
      'no-restricted-syntax': [
        'error',
        noDefaultExport,
        noBarrel,
        environmentRead,
        ...nonDeterministicSyntax,
      ],
      'no-restricted-globals': ['error', ...nonDeterministicGlobals],
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['node:*'], message: `Not in consensus code: ${why}` }] },
      ],
    },
  },
  {
    // sodium-native takes and gives Buffers.
    files: ['src/chain/tx/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...nonDeterministicGlobals.filter(({ name }) => name !== 'Buffer'),
      ],
    },
  },
  {
    // node-seal, snarkjs and ffjavascript have no types, or types that say `any`.
    files: ['src/privacy/he/engine/**/*.ts', 'src/privacy/zk/{build,prover}/**/*.ts'],
    rules: untypedNeighbours,
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts'],
    rules: {
      ...untypedNeighbours,
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    // Mocha takes a reporter by its default export.
    files: ['test/support/tally-reporter.ts'],
    rules: { 'no-restricted-syntax': ['error', noBarrel] },
  },
);
