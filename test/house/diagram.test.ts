import { expect } from 'chai';
import { boundaryDiagram, diagramOf } from '../../scripts/diagram.ts';

type Modules = Parameters<typeof diagramOf>[0]['modules'];

/** A graph as dependency-cruiser gives it, with the fields that the diagram reads. */
const graph = (...arrows: readonly [from: string, to: string][]): { modules: Modules } => ({
  modules: arrows.map(([source, resolved]) => ({
    source,
    dependencies: [{ resolved }],
  })) as unknown as Modules,
});

describe('boundary diagram', function () {
  this.timeout(300_000);

  it('draws rooms on their floors and one arrow for each pair of rooms', () => {
    const drawn = diagramOf(
      graph(
        ['src/trading/fund.ts', 'src/rights/types.ts'],
        ['src/trading/settle.ts', 'src/rights/state.ts'],
        ['src/privacy/zk/verifier/verify.ts', 'src/base/hash.ts'],
      ),
    );
    expect(drawn.split('\n')).to.deep.equal([
      '```mermaid',
      'flowchart TD',
      '  subgraph trade',
      '    trading["trading"]',
      '  end',
      '  subgraph foundation',
      '    rights["rights"]',
      '  end',
      '  subgraph verifier',
      '    privacy_zk_verifier["privacy/zk/verifier"]',
      '  end',
      '  subgraph ground',
      '    base["base"]',
      '  end',
      '  privacy_zk_verifier --> base',
      '  trading --> rights',
      '```',
      '',
    ]);
  });

  it('does not depend on the order of the graph', () => {
    const arrows: [string, string][] = [
      ['src/trading/a.ts', 'src/base/b.ts'],
      ['src/api/a.ts', 'src/store/b.ts'],
      ['src/new-room/a.ts', 'src/base/b.ts'],
    ];
    expect(diagramOf(graph(...arrows))).to.equal(diagramOf(graph(...arrows.reverse())));
  });

  it('leaves out packages and arrows within a room', () => {
    const drawn = diagramOf(
      graph(['src/base/a.ts', 'node_modules/cborg/cborg.js'], ['src/base/a.ts', 'src/base/b.ts']),
    );
    expect(drawn).not.to.include('-->');
  });

  it('refuses to draw a map of nothing', () => {
    expect(() => diagramOf({ modules: [] })).to.throw('no module');
  });

  it('draws this tree, twice the same', async () => {
    const drawn = await boundaryDiagram();
    expect(drawn).to.include('chain_engine --> base');
    expect(await boundaryDiagram()).to.equal(drawn);
  });
});
