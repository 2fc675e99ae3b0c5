/** Two curves over the number of state keys, as an SVG that needs nothing else. */
interface Point {
  readonly keys: number;
  readonly operationsPerSecond: number;
  readonly residentMiB: number;
}

const [width, height] = [720, 210];
const margin = { left: 70, right: 20, top: 34, bottom: 36 };

export function growthPicture(points: readonly Point[]): string {
  const panels = [
    panel(
      points,
      'operations/s, durable',
      '#1b6ca8',
      ({ operationsPerSecond }) => operationsPerSecond,
    ),
    panel(points, 'resident set, MiB', '#b5442c', ({ residentMiB }) => residentMiB),
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${2 * height}"`,
    ` viewBox="0 0 ${width} ${2 * height}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    ...panels.map((drawn, at) => `<g transform="translate(0 ${at * height})">${drawn}</g>`),
    '</svg>\n',
  ].join('\n');
}

function panel(
  points: readonly Point[],
  title: string,
  colour: string,
  valueOf: (point: Point) => number,
): string {
  const xMax = Math.max(...points.map(({ keys }) => keys));
  const yMax = roundUp(Math.max(...points.map(valueOf)));
  const x = (keys: number): number =>
    margin.left + (keys / xMax) * (width - margin.left - margin.right);
  const y = (value: number): number =>
    height - margin.bottom - (value / yMax) * (height - margin.top - margin.bottom);
  const line = points.map((point) => `${x(point.keys).toFixed(1)},${y(valueOf(point)).toFixed(1)}`);
  const quarters = [0, 1, 2, 3, 4];
  return [
    `<text x="${margin.left}" y="20" font-weight="bold">${title}</text>`,
    ...quarters.map((at) => {
      const value = (yMax * at) / 4;
      const grid = `x1="${margin.left}" x2="${width - margin.right}" y1="${y(value)}" y2="${y(value)}"`;
      return (
        `<line ${grid} stroke="#ddd"/>` +
        `<text x="${margin.left - 8}" y="${y(value) + 4}" text-anchor="end">${value}</text>`
      );
    }),
    ...quarters.map((at) => {
      const keys = (xMax * at) / 4;
      const label = at === 4 ? `${keys} keys` : String(keys);
      return `<text x="${x(keys)}" y="${height - 14}" text-anchor="${at === 4 ? 'end' : 'middle'}">${label}</text>`;
    }),
    `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${line.join(' ')}"/>`,
    ...line.map((point) => {
      const [cx, cy] = point.split(',');
      return `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`;
    }),
  ].join('\n');
}

/** To the next 1, 2, 4 or 8 times a power of ten. */
function roundUp(value: number): number {
  let step = 1;
  while (step * 8 < value) step *= 10;
  return [1, 2, 4, 8].map((times) => times * step).find((bound) => bound >= value) ?? value;
}
