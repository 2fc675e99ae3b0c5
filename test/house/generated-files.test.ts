import { expect } from 'chai';
import { diagramMarkers, registryFiles, withDiagram } from '../../scripts/generated-files.ts';
import { resultTables } from '../../src/api/result-tables.ts';
import { registry } from '../../src/chain/rooms.ts';

const { begin, end } = diagramMarkers;

describe('generated files', () => {
  it('hold every result code and every operation, the same each time', async () => {
    const files = await registryFiles(registry, '1.2.3');
    expect(await registryFiles(registry, '1.2.3')).to.deep.equal(files);
    const textOf = (path: string) => files.find((file) => file.path === path)?.content ?? '';
    for (const { results } of resultTables(registry)) {
      for (const { name } of results) expect(textOf('docs/errors.md')).to.include(`\`${name}\``);
    }
    for (const name of registry.operationsByName.keys()) {
      expect(textOf('docs/transactions.md')).to.include(`\n## ${name}\n`);
    }
    const { info } = JSON.parse(textOf('docs/openapi.json')) as { info: { version: string } };
    expect(info.version).to.equal('1.2.3');
  });

  it('put the diagram between its markers and touch nothing else', () => {
    const page = `# A\n\n${begin}\nold\n${end}\n\nrest\n`;
    const drawn = withDiagram(page, 'new\n');
    expect(drawn).to.equal(`# A\n\n${begin}\n\nnew\n\n${end}\n\nrest\n`);
    expect(withDiagram(drawn ?? '', 'new')).to.equal(drawn);
  });

  it('leave a page without markers alone, and refuse half a pair', () => {
    expect(withDiagram('# A\n', 'new')).to.equal(null);
    for (const page of [begin, end, `${end}${begin}`]) {
      expect(() => withDiagram(page, 'new')).to.throw('belong together');
    }
  });
});
