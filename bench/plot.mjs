// Plots as SVG text: panels side by side, lines with their names at their ends. The same figures give the same text.
// Colours follow the reader's scheme, and there is no background, so that a page in light or dark shows through.

const PANEL = { width: 400, height: 280, left: 52, right: 84, top: 48, bottom: 44 };
const TICKS = 5;
const STYLE = `
    text { font: 12px system-ui, sans-serif; fill: #1f2328 }
    .title { font-weight: 600 }
    .quiet { fill: #59636e }
    .grid { stroke: #59636e; stroke-opacity: .25 }
    .line { fill: none; stroke-width: 2 }
    .s0 { stroke: #0969da } .d0 { fill: #0969da } .s1 { stroke: #bc4c00 } .d1 { fill: #bc4c00 }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc }
      .quiet { fill: #9198a1 }
      .grid { stroke: #9198a1 }
      .s0 { stroke: #58a6ff } .d0 { fill: #58a6ff } .s1 { stroke: #f0883e } .d1 { fill: #f0883e }
    }
  `;

/** `panels`: { title, x, y, series: { name, points: [x, y][] }[] }; both axes begin at 0. At most two series. */
export function renderPlot(title, panels) {
  const width = panels.length * PANEL.width;
  const body = panels.map(
    (panel, index) => `<g transform="translate(${index * PANEL.width} 0)">\n${renderPanel(panel)}\n</g>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${PANEL.height}" width="${width}" height="${PANEL.height}" role="img" aria-label="${escape(title)}">
<title>${escape(title)}</title>
<style>${STYLE}</style>
${body.join('\n')}
</svg>
`;
}

function renderPanel({ title, x, y, series }) {
  const all = series.flatMap(({ points }) => points);
  const [stepX, stepY] = [0, 1].map((axis) => getStep(Math.max(...all.map((point) => point[axis]))));
  const [endX, endY] = [0, 1].map((axis) => {
    const step = axis === 0 ? stepX : stepY;
    return Math.ceil(Math.max(...all.map((point) => point[axis])) / step) * step;
  });
  const [right, bottom] = [PANEL.width - PANEL.right, PANEL.height - PANEL.bottom];
  const toX = (value) => round(PANEL.left + (value / endX) * (right - PANEL.left));
  const toY = (value) => round(bottom - (value / endY) * (bottom - PANEL.top));
  const text = (at, down, anchor, name, words) =>
    `<text x="${at}" y="${down}" text-anchor="${anchor}" class="${name}">${escape(words)}</text>`;
  const rows = countTo(endY, stepY).flatMap((value) => [
    `<line x1="${PANEL.left}" x2="${right}" y1="${toY(value)}" y2="${toY(value)}" class="grid"/>`,
    text(PANEL.left - 8, round(toY(value) + 4), 'end', 'quiet', `${value}`),
  ]);
  const columns = countTo(endX, stepX).map((value) => text(toX(value), bottom + 18, 'middle', 'quiet', `${value}`));
  const lines = series.flatMap(({ name, points }, index) => {
    const [lastX, lastY] = points.at(-1);
    return [
      `<polyline class="line s${index}" points="${points.map(([at, value]) => `${toX(at)},${toY(value)}`).join(' ')}"/>`,
      ...points.map(([at, value]) => `<circle cx="${toX(at)}" cy="${toY(value)}" r="3" class="d${index}"/>`),
      text(round(toX(lastX) + 9), round(toY(lastY) + 4), 'start', '', name),
    ];
  });
  return [
    text(PANEL.left, 18, 'start', 'title', title),
    text(PANEL.left, PANEL.top - 12, 'start', 'quiet', y),
    ...rows,
    ...columns,
    text((PANEL.left + right) / 2, PANEL.height - 8, 'middle', 'quiet', x),
    ...lines,
  ].join('\n');
}

/** 1, 2 or 5 times a power of ten, so that about so many steps reach the maximum. */
function getStep(maximum) {
  const rough = maximum / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough);
}

const countTo = (end, step) => Array.from({ length: Math.round(end / step) + 1 }, (_, index) => round(index * step));
const round = (value) => Math.round(value * 10) / 10;
const escape = (words) => words.replaceAll(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
