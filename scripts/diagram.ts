import { cruise, type ICruiseResult } from 'dependency-cruiser';
import extractDepcruiseOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';

/** The floors of the house, top first. A room that no floor names yet is drawn without one. */
const floors: readonly (readonly [name: string, rooms: readonly string[]])[] = [
  ['entry', ['main', 'cli', 'demo']],
  ['shells', ['api', 'store', 'client', 'content', 'dossier', 'proof', 'privacy/he', 'privacy/zk']],
  ['tables', ['data']],
  ['engines', ['chain/engine', 'chain/abci']],
  ['machine', ['chain/rooms', 'chain/machine', 'chain/tx', 'chain/tree']],
  ['trade', ['privacy/jobs', 'trading', 'recognition', 'supervision']],
  ['offer', ['listing', 'compliance']],
  ['foundation', ['rights', 'pricing', 'governance', 'identity']],
  ['verifier', ['privacy/zk/verifier', 'privacy/zk/statements']],
  ['ground', ['base']],
];

const placedRooms = floors.flatMap(([, rooms]) => rooms);

/**
 * Mermaid flowchart of the rooms of `src` and which imports which, as dependency-cruiser finds
 * them. The same tree gives the same text. Runs from the project's root.
 * @throws Error where the cruise finds no module: a map of nothing would look like a clean one.
 */
export async function boundaryDiagram(): Promise<string> {
  const options = await extractDepcruiseOptions('./.dependency-cruiser.cjs');
  const { output } = await cruise(['src'], { ...options, validate: false }, undefined, {
    tsConfig: extractTSConfig('tsconfig.json'),
  });
  if (typeof output === 'string') throw new Error('dependency-cruiser gave text, not a graph');
  return diagramOf(output);
}

/** The part of `boundaryDiagram` that is a function of the graph alone. */
export function diagramOf({ modules }: Pick<ICruiseResult, 'modules'>): string {
  const rooms = new Set<string>();
  const arrows = new Set<string>();
  for (const module of modules) {
    const from = roomOf(module.source);
    if (from === undefined) continue;
    rooms.add(from);
    for (const dependency of module.dependencies) {
      const to = roomOf(dependency.resolved);
      if (to === undefined || to === from) continue;
      rooms.add(to);
      arrows.add(`  ${idOf(from)} --> ${idOf(to)}`);
    }
  }
  if (rooms.size === 0) throw new Error('dependency-cruiser found no module under src');
  const unplaced = [...rooms].filter((room) => !placedRooms.includes(room)).sort(byCodeUnit);
  return [
    '```mermaid',
    'flowchart TD',
    ...floors.flatMap(([name, placed]) => floorLines(name, placed, rooms)),
    ...unplaced.map((room) => `  ${nodeOf(room)}`),
    ...[...arrows].sort(byCodeUnit),
    '```',
    '',
  ].join('\n');
}

function floorLines(name: string, placed: readonly string[], rooms: ReadonlySet<string>): string[] {
  const present = placed.filter((room) => rooms.has(room));
  if (present.length === 0) return [];
  return [`  subgraph ${name}`, ...present.map((room) => `    ${nodeOf(room)}`), '  end'];
}

/** The room of a source path: the longest placed room that it lies in, else its first folder. */
function roomOf(path: string): string | undefined {
  const inside = /^src\/(.+?)(\.d)?\.ts$/.exec(path)?.[1];
  if (inside === undefined) return undefined;
  const containing = placedRooms.filter((room) => `${inside}/`.startsWith(`${room}/`));
  return containing.sort((left, right) => right.length - left.length)[0] ?? inside.split('/')[0];
}

const idOf = (room: string): string => room.replaceAll('/', '_');

const nodeOf = (room: string): string => `${idOf(room)}["${room}"]`;

const byCodeUnit = (left: string, right: string): number =>
  left < right ? -1 : Number(left > right);
