/** Throughput and resident set over the number of state keys, as an SVG that needs nothing else. */
interface Point {
  readonly keys: number;
  readonly operationsPerSecond: number;
  readonly residentMiB: number;
}

/** What of growth.json the picture shows. */
export interface GrowthFigures {
  readonly hardware: { readonly cpu: string; readonly cores: number; readonly memoryGiB: number };
  readonly raw: { readonly samples: readonly Point[] };
}

interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly colour: string;
  readonly top: number;
  readonly valueOf: (point: Point) => number;
  readonly show: (value: number) => string;
}

const width = 860;
const plot = { left: 84, right: 34, height: 190 };
const plotWidth = width - plot.left - plot.right;
const ink = { title: '#16202c', text: '#4a5766', grid: '#e3e8ee', axis: '#9aa7b5' };

const count = (value: number): string => value.toLocaleString('en-US');

const panels: readonly Panel[] = [
  {
    title: 'Throughput',
    unit: 'operations per second',
    colour: '#1667b7',
    top: 104,
    valueOf: ({ operationsPerSecond }) => operationsPerSecond,
    show: (value) => `${count(Math.round(value))} op/s`,
  },
  {
    title: 'Resident set',
    unit: 'MiB',
    colour: '#c2501f',
    top: 366,
    valueOf: ({ residentMiB }) => residentMiB,
    show: (value) => `${count(Math.round(value))} MiB`,
  },
];

export function growthPicture({ hardware, raw }: GrowthFigures): string {
  const { samples } = raw;
  const keysMax = Math.max(...samples.map(({ keys }) => keys));
  const height = 628;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"` +
      ` viewBox="0 0 ${width} ${height}" font-family="'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"` +
      ' font-size="13" role="img">',
    `<title>Throughput and memory from ${count(samples[0]?.keys ?? 0)} to ${count(keysMax)} state keys</title>`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    text(plot.left, 34, 'Throughput and memory as the state grows', 'title'),
    text(
      plot.left,
      56,
      `To ${count(keysMax)} state keys, durable (fsync on), state tree on · ` +
        `${hardware.cores} cores, ${hardware.memoryGiB} GiB`,
      'note',
    ),
    ...panels.map((panel) => drawPanel(panel, samples, keysMax)),
    text(plot.left + plotWidth / 2, height - 14, 'keys in the state', 'note', 'middle'),
    '</svg>\n',
  ].join('\n');
}

function drawPanel(panel: Panel, samples: readonly Point[], keysMax: number): string {
  const { title, unit, colour, top, valueOf, show } = panel;
  const step = niceStep(Math.max(...samples.map(valueOf)) / 5);
  const ticks = Math.ceil((Math.max(...samples.map(valueOf)) * 1.08) / step);
  const bottom = top + plot.height;
  const x = (keys: number): number => plot.left + (keys / keysMax) * plotWidth;
  const y = (value: number): number => bottom - (value / (ticks * step)) * plot.height;
  const points = samples.map((point) => ({
    x: x(point.keys).toFixed(1),
    y: y(valueOf(point)).toFixed(1),
    note: `${count(point.keys)} keys: ${show(valueOf(point))}`,
  }));
  const line = points.map((point) => `${point.x},${point.y}`).join(' ');
  return [
    ...legend(panel),
    ...Array.from({ length: ticks + 1 }, (_, at) => [
      rule(plot.left, y(at * step), plot.left + plotWidth, y(at * step), ink.grid),
      text(plot.left - 10, y(at * step) + 4.5, count(at * step), 'note', 'end'),
    ]).flat(),
    rule(plot.left, bottom, plot.left + plotWidth, bottom, ink.axis),
    ...keyTicks(keysMax).map(
      (keys) =>
        rule(x(keys), bottom, x(keys), bottom + 5, ink.axis) +
        text(x(keys), bottom + 21, short(keys), 'note', 'middle'),
    ),
    `<polygon fill="${colour}" fill-opacity="0.09" points="${points[0]?.x},${bottom} ${line} ${points.at(-1)?.x},${bottom}"/>`,
    `<polyline fill="none" stroke="${colour}" stroke-width="2.5" stroke-linejoin="round" points="${line}"/>`,
    ...points.map(
      (point) =>
        `<circle cx="${point.x}" cy="${point.y}" r="4" fill="#fff" stroke="${colour}"` +
        ` stroke-width="2"><title>${point.note}</title></circle>`,
    ),
    ...ends(samples, panel, { x, y }),
    `<desc>${title}, ${unit}</desc>`,
  ].join('\n');
}

const legend = ({ title, unit, colour, top }: Panel): string[] => [
  `<rect x="${plot.left}" y="${top - 25}" width="18" height="4" rx="2" fill="${colour}"/>`,
  `<text x="${plot.left + 26}" y="${top - 18}" fill="${ink.title}"><tspan font-weight="bold">${title}</tspan>` +
    `<tspan fill="${ink.text}" dx="7">${unit}</tspan></text>`,
];

/** The first and the last value in figures. */
function ends(
  samples: readonly Point[],
  { valueOf, show, colour }: Panel,
  { x, y }: Readonly<Record<'x' | 'y', (value: number) => number>>,
): string[] {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last) return [];
  const label = (point: Point, dx: number, dy: number, anchor: string): string =>
    `<text x="${(x(point.keys) + dx).toFixed(1)}" y="${(y(valueOf(point)) + dy).toFixed(1)}" fill="${colour}"` +
    ` font-weight="bold" text-anchor="${anchor}" paint-order="stroke" stroke="#fff"` +
    ` stroke-width="4">${show(valueOf(point))}</text>`;
  return [label(first, 6, 20, 'start'), label(last, 6, -12, 'end')];
}

function text(
  x: number,
  y: number,
  content: string,
  style: 'title' | 'note',
  anchor: 'start' | 'middle' | 'end' = 'start',
): string {
  const look =
    style === 'title'
      ? `fill="${ink.title}" font-size="20" font-weight="bold"`
      : `fill="${ink.text}"`;
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${look} text-anchor="${anchor}">${content}</text>`;
}

const rule = (x1: number, y1: number, x2: number, y2: number, colour: string): string =>
  `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" stroke="${colour}"/>`;

const keyTicks = (keysMax: number): number[] => {
  const step = niceStep(keysMax / 10);
  return Array.from({ length: Math.floor(keysMax / step) + 1 }, (_, at) => at * step);
};

/** 300000 as `300k`. */
function short(keys: number): string {
  if (keys >= 1_000_000) return `${keys / 1_000_000}M`;
  return keys >= 1_000 ? `${keys / 1_000}k` : String(keys);
}

/** 1, 2 or 5 times a power of ten: the least that is not below `least`. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((times) => times * power).find((step) => step >= least * 0.999) ?? least;
}
