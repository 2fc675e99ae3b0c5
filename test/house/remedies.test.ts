import { expect } from 'chai';
import { apiResults } from '../../src/api/results.ts';
import { allRoutes } from '../../src/api/routes.ts';
import { registry } from '../../src/chain/rooms.ts';

const rooms = new Set([...registry.operationsByName.keys()].map((name) => name.split('.')[0]));
const paths = allRoutes(registry).map(({ path }) => path.replaceAll(/\{\+?\w+\}/g, '{}'));

/** Operations and paths that a text names and that do not exist. */
function absent(text: string): string[] {
  const operations = text.match(/\b[a-z]+\.[a-z]+(-[a-z]+)*\b/g) ?? [];
  const addresses =
    text.match(/(?<![\w.])\/(v1|docs|readyz|healthz|tile|checkpoint)[\w/{}-]*/g) ?? [];
  return [
    ...operations.filter(
      (name) => rooms.has(name.split('.')[0]) && !registry.operationsByName.has(name),
    ),
    ...addresses.filter((path) => !paths.includes(path.replaceAll(/\{\w+\}/g, '{}'))),
  ];
}

describe('remedies', () => {
  it('name only operations and addresses that exist', () => {
    for (const { name, title, remedy } of [
      ...registry.results.values(),
      ...Object.values(apiResults),
    ]) {
      expect(absent(`${title} ${remedy}`), name).to.deep.equal([]);
      expect(remedy, name).to.not.match(/role granted|renewed|admit it with more/);
    }
  });

  it('would be caught naming others', () => {
    expect(absent('Use `identity.grant-role`, then GET /v1/orders.')).to.deep.equal([
      'identity.grant-role',
      '/v1/orders',
    ]);
    expect(absent('Use identity.rotate-key, then GET /v1/transactions/{id}.')).to.deep.equal([]);
  });
});
