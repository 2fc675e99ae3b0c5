/** The thread that keeps a node's read models: what it is made of. */
import { projectExchangeLeaf } from './chain/project-leaf.ts';
import { serveProjection } from './store/serve-projection.ts';

serveProjection(projectExchangeLeaf);
