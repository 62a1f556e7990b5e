import type { Sample } from './sample.ts';

type Line = { name: string; of: (sample: Sample) => number };
type Panel = { title: string; unit: string; lines: Line[] };

const WIDTH = 960;
const PANEL = 150;
const LEFT = 70;
const RIGHT = 190;
const COLOURS = ['#1971c2', '#e8590c', '#2f9e44', '#9c36b5', '#c2255c'];

/** The samples over time, one panel below the other, as SVG. */
export function draw(samples: Sample[], facts: string[]): string {
  const parts = Object.keys(samples[0]?.memory ?? {});
  const panels: Panel[] = [
    {
      title: 'Memory',
      unit: 'MB',
      lines: parts.map((name) => ({ name, of: ({ memory }) => memory[name] ?? 0 })),
    },
    {
      title: 'Database connections of the functions',
      unit: '',
      lines: [{ name: 'connections', of: ({ connections }) => connections }],
    },
    {
      title: 'Age of the oldest thing that waits',
      unit: 's',
      lines: [
        { name: 'event', of: ({ eventAge }) => eventAge },
        { name: 'delivery that is due', of: ({ deliveryAge }) => deliveryAge },
      ],
    },
    {
      title: 'Calls that Telegram shows late',
      unit: '',
      lines: [{ name: 'calls', of: ({ behind }) => behind }],
    },
    { title: 'Events accepted', unit: '/s', lines: [{ name: 'events', of: ({ rate }) => rate }] },
    {
      title: 'Answer to a box, p95',
      unit: 'ms',
      lines: [{ name: 'p95', of: ({ answerP95 }) => answerP95 }],
    },
  ];
  const top = 20 + facts.length * 16;
  const height = top + panels.length * (PANEL + 40) + 20;
  const text = facts.map(
    (fact, index) => `<text x="10" y="${20 + index * 16}">${escape(fact)}</text>`,
  );
  const drawn = panels.map((panel, index) =>
    drawPanel(panel, samples, top + 20 + index * (PANEL + 40)),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>
${[...text, ...drawn].join('\n')}
</svg>
`;
}

function drawPanel({ title, unit, lines }: Panel, samples: Sample[], top: number): string {
  const most = Math.max(1, ...lines.flatMap(({ of }) => samples.map(of)));
  const end = Math.max(1, samples.at(-1)?.seconds ?? 1);
  const x = (seconds: number) => LEFT + ((WIDTH - LEFT - RIGHT) * seconds) / end;
  const y = (value: number) => top + PANEL - (PANEL * value) / most;
  const grid = [0, 0.5, 1].map((share) => {
    const at = y(most * share);
    return `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}" stroke="#ddd"/><text x="${LEFT - 6}" y="${at + 4}" text-anchor="end">${round(most * share)} ${unit}</text>`;
  });
  const curves = lines.map(({ name, of }, index) => {
    const colour = COLOURS[index % COLOURS.length];
    const points = samples.map(
      (sample) => `${x(sample.seconds).toFixed(1)},${y(of(sample)).toFixed(1)}`,
    );
    return `<polyline fill="none" stroke="${colour}" stroke-width="1.5" points="${points.join(' ')}"/><text x="${WIDTH - RIGHT + 8}" y="${top + 14 + index * 16}" fill="${colour}">${escape(name)}</text>`;
  });
  const times = `<text x="${WIDTH - RIGHT}" y="${top + PANEL + 14}" text-anchor="end">${round(end / 60)} min</text>`;
  return [
    `<text x="${LEFT}" y="${top - 6}" font-weight="bold">${escape(title)}</text>`,
    ...grid,
    ...curves,
    times,
  ].join('\n');
}

const round = (value: number): string => (value >= 10 ? value.toFixed(0) : value.toFixed(1));
const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
