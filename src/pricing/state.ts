import { defineRecord, type Ledger } from '../base/room.ts';
import { valuationSchema, type Valuation } from './schema.ts';

export const valuationRecord = defineRecord({
  name: 'valuation',
  collection: 'valuations',
  title: 'Valuation',
  schema: valuationSchema,
  stream: 'material',
});

export const readValuation = (ledger: Ledger, id: string): Valuation | null =>
  ledger.read(valuationRecord, id);
