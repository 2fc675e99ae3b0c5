import { embedded } from './support/driver.ts';
import { scenariosOn } from './support/scenarios.ts';

scenariosOn(embedded);
