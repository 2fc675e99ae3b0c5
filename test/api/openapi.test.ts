import { expect } from 'chai';
import { openApiDocument } from '../../src/api/openapi.ts';
import { makeAjv } from '../../src/api/validate.ts';
import { registry } from '../../src/chain/rooms.ts';
import { operationsOf } from '../support/api-client.ts';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
}

describe('api: OpenAPI document', () => {
  const document = openApiDocument(registry, '1.2.3');
  const operations = operationsOf(document);

  it('names every operation once', () => {
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).to.equal(ids.length);
  });

  it('declares exactly the parameters that stand in a path', () => {
    for (const { path, operation } of operations) {
      const declared = ((operation['parameters'] ?? []) as Parameter[])
        .filter((parameter) => parameter.in === 'path')
        .map(({ name, required }) => [name, required]);
      const written = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => [name, true]);
      expect(declared, path).to.deep.equal(written);
    }
  });

  it('refers to nothing that it does not hold, and holds schemas that compile', () => {
    const text = JSON.stringify(document);
    const names = [...text.matchAll(/#\/components\/schemas\/([\w.-]+)/g)].map(([, name]) => name);
    const { schemas } = document.components;
    expect(names.filter((name) => !(name! in schemas))).to.deep.equal([]);
    const ajv = makeAjv({});
    for (const schema of Object.values(schemas)) {
      const local = JSON.stringify({ ...(schema as object), $defs: schemas });
      ajv.compile(JSON.parse(local.replaceAll('#/components/schemas/', '#/$defs/')) as object);
    }
  });

  it('has no component name twice', () => {
    const kinds = [...registry.records.keys()];
    const own = ['problem', 'receipt', 'checkpoint', 'event', 'proofFile', 'blob'];
    expect(kinds.filter((name) => own.includes(name))).to.deep.equal([]);
  });
});
