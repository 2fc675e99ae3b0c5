import { Type } from '../../base/schema.ts';

/** A number >= 0 as decimal text in its one shortest form: at most 15 digits before the point and
 * 12 after it. */
export const decimal = (description: string) =>
  Type.String({
    pattern: '^(0|[1-9][0-9]{0,14})(\\.[0-9]{0,11}[1-9])?$',
    description: `${description}, decimal text`,
  });

/** As `decimal`, from 0 to 1. */
export const fraction = (description: string) =>
  Type.String({
    pattern: '^(0|1|0\\.[0-9]{0,11}[1-9])$',
    description: `${description}, 0 to 1, decimal text`,
  });
