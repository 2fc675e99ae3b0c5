import { fourValidators } from './support/driver.ts';
import { scenariosOn } from './support/scenarios.ts';

scenariosOn(fourValidators);
