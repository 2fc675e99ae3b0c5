/** `npm run bench -- NAME [arguments]`: each benchmark is a program of its own beside this file. */
const programs = {
  envelopes: 'envelopes and blocks through engine and database, against bare verification',
  he: 'column totals by group under homomorphic encryption: [workers] [groups]',
} as const;

const name = process.argv[2] ?? '';
if (name in programs) {
  process.argv.splice(2, 1);
  await import(`./${name}.ts`);
} else {
  console.log('Which one?');
  for (const [each, what] of Object.entries(programs)) console.log(`  ${each.padEnd(12)}${what}`);
  process.exitCode = name === '' ? 0 : 2;
}
