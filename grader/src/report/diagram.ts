import { showText } from '../model/text.js';
import type { Diagram, DiagramRow } from '../score/diagram.js';
import { toAscii, translateSign } from './ascii.js';
import { CanvasLine } from './canvas.js';
import { type Layout, planLayout, type Route } from './diagram-layout.js';
import { createPaint, type RenderOptions } from './palette.js';
import { measureText, splitLetters, WIDTH, wrapText } from './text.js';

export interface DiagramOptions extends RenderOptions {
  /** Columns; default 80. */
  width?: number;
}

/** A picture in parts, so that it can be shown up to a row. */
export interface DrawnDiagram {
  head: string[];
  rows: { seq: number; lines: string[] }[];
}

const MAX_LINES = 4; // of a row
const MAX_SIDE = 13; // columns of a queue's contents
const HERE = '◀ here';

/** A picture of processes and what goes between them: a lane a process, time flows down. */
export function renderDiagram(diagram: Diagram, options: DiagramOptions): string {
  const { head, rows } = drawDiagram(diagram, options);
  return [...head, ...rows.flatMap(({ lines }) => lines)].join('\n');
}

export function drawDiagram(diagram: Diagram, options: DiagramOptions): DrawnDiagram {
  const say = (text: string): string => (options.ascii ? toAscii(showText(text)) : showText(text));
  const names = diagram.lanes.map(({ name }) => say(name));
  const texts = diagram.rows.map(({ text }) => say(text));
  const sides = diagram.rows.map((row) => describeSide(diagram, row).map(say));
  const title =
    diagram.queues.length === 0 ? '' : diagram.queues.length === 1 ? `queue ${diagram.queues[0]}` : 'queues';
  const seqWidth = Math.max(1, ...diagram.rows.map(({ seq }) => String(seq).length));
  const layout = planLayout(diagram.arrows, {
    rows: diagram.rows.map(({ seq, lane }, row) => ({ seq, lane, text: texts[row]! })),
    names,
    left: seqWidth + 5,
    side: Math.max(measureText(title), ...sides.map((side) => measureText(side.join(' ')))),
    narrowSide: Math.max(measureText(title), ...sides.flat().map(measureText)),
    width: options.width ?? WIDTH,
  });
  const drawing: Drawing = { diagram, layout, names, texts, sides, title, seqWidth, say };
  const paint = createPaint(options);
  const finish = (line: CanvasLine): string => line.render(paint, options.ascii ? translateSign : (glyph) => glyph);
  return {
    head: drawHead(drawing).map(finish),
    rows: diagram.rows.map(({ seq }, row) => ({
      seq,
      lines: [...drawGap(drawing, row), ...drawRow(drawing, row)].map(finish),
    })),
  };
}

interface Drawing {
  diagram: Diagram;
  layout: Layout;
  names: string[];
  texts: string[];
  /** What stands beside each row: what the queue holds; where it went wrong. */
  sides: string[][];
  title: string;
  seqWidth: number;
  say: (text: string) => string;
}

function describeSide({ queues, here }: Diagram, { seq, contents }: DiagramRow): string[] {
  const parts: string[] = [];
  if (contents) {
    const { queue, types, count, removed } = contents;
    let shown = types.length;
    const render = (): string =>
      `[${[...types.slice(0, shown), ...(shown < count ? [`…${count - shown}`] : [])].join(',')}]`;
    while (shown > 1 && measureText(render()) > MAX_SIDE) shown--;
    const held = removed ? `✗${count > 0 ? ` ${render()}` : ''}` : render();
    parts.push(queues.length > 1 ? `${queue} ${held}` : held);
  }
  if (seq === here) parts.push(HERE);
  return parts;
}

/** Names above the lanes; those of narrow lanes one below the other. */
function drawHead({ layout, names, title, say }: Drawing): CanvasLine[] {
  const { form, lanes, side } = layout;
  if (form === 'list') return [];
  const lines = form === 'wide' ? [new CanvasLine()] : names.map(() => new CanvasLine());
  for (const [lane, name] of names.entries()) {
    const line = lines[form === 'wide' ? 0 : lane]!;
    if (form === 'compact') for (const x of lanes.slice(0, lane)) line.put(x, '┃', 'dim');
    const next = form === 'wide' ? (lanes[lane + 1] ?? side.x) : side.x;
    line.put(lanes[lane]!, cut(name, next - lanes[lane]! - 1, say('…')), 'bold');
  }
  lines.at(-1)!.put(side.x, title, 'bold');
  return lines;
}

/** A line where events are left out. */
function drawGap(drawing: Drawing, row: number): CanvasLine[] {
  const { diagram, seqWidth, say } = drawing;
  const seq = diagram.rows[row]!.seq;
  const before = diagram.rows[row - 1]?.seq ?? seq;
  if (seq <= before + 1) return [];
  const line = new CanvasLine();
  const mark = say('…');
  line.put(4 + seqWidth - measureText(mark), mark, 'dim');
  drawVerticals(drawing, line, (before + seq) / 2, ({ from, to }) => from < row && to >= row);
  return [line];
}

/** An event: its first line holds all that is drawn, further ones the rest of its text. */
function drawRow(drawing: Drawing, row: number): CanvasLine[] {
  const { diagram, layout, names, texts, sides, seqWidth, say } = drawing;
  const { seq, lane, shows } = diagram.rows[row]!;
  const isHere = seq === diagram.here;
  const style = isHere ? 'red' : shows ? 'bold' : undefined;
  const place = layout.texts[row]!;
  const wrapped = wrapText(texts[row]!, 0, place.width - roomForArrow(drawing, row)).split('\n');
  const shown = wrapped.slice(0, MAX_LINES);
  if (wrapped.length > MAX_LINES)
    shown[MAX_LINES - 1] = cut(`${shown[MAX_LINES - 1]!}${' '.repeat(place.width)}`, place.width, say('…'));
  // Where there is little room the mark stands below the contents.
  if (layout.form !== 'wide' && sides[row]!.length > shown.length) shown.push('');
  return shown.map((text, index) => {
    const line = new CanvasLine();
    if (index === 0) drawVerticals(drawing, line, seq - 0.5, ({ from, to }) => from < row && to > row);
    else drawVerticals(drawing, line, seq + 0.5, ({ from, to }) => from <= row && to > row);
    line.put(place.x, text, style);
    if (index > 0) {
      if (index === 1 && layout.form !== 'wide') drawSide(drawing, line, sides[row]!.slice(1));
      return line;
    }
    if (shows) line.put(2, '>', style);
    line.put(4 + seqWidth - String(seq).length, String(seq), style);
    if (layout.form !== 'wide') line.put(layout.names.x, cut(names[lane]!, layout.names.width, say('…')), style);
    drawSide(drawing, line, layout.form === 'wide' ? sides[row]! : sides[row]!.slice(0, 1));
    drawEvent(drawing, line, row, place.x + measureText(text));
    return line;
  });
}

function drawSide({ layout, say }: Drawing, line: CanvasLine, parts: readonly string[]): void {
  let { x } = layout.side;
  for (const part of parts) {
    line.put(x, part, part === say(HERE) ? 'red' : undefined);
    x += measureText(part) + 1;
  }
}

/** The lanes at a time, and the arrows under way. */
function drawVerticals(
  { diagram, layout }: Drawing,
  line: CanvasLine,
  time: number,
  isUnderWay: (route: Route) => boolean,
): void {
  for (const [lane, x] of layout.lanes.entries()) {
    const { start, end } = diagram.lanes[lane]!;
    if (start > time || (end !== null && end < time)) continue;
    const isWaiting = diagram.waits.some(
      (wait) => wait.lane === lane && wait.from < time && (wait.to === null || wait.to > time),
    );
    line.put(x, isWaiting ? '┊' : '┃', 'dim');
  }
  for (const route of layout.routes) if (isUnderWay(route)) line.put(route.x, '│');
}

/** The mark on the lane, and the arrow that begins or ends there. `after`: the first column behind the text. */
function drawEvent(drawing: Drawing, line: CanvasLine, row: number, after: number): void {
  const { diagram, layout } = drawing;
  const { lane, kind, shows, seq } = diagram.rows[row]!;
  const at = layout.lanes[lane];
  if (at === undefined) return;
  const style = seq === diagram.here ? 'red' : shows ? 'bold' : undefined;
  const behind = layout.form === 'wide' ? after + 1 : at + 1;
  for (const { from, to, x } of layout.routes) {
    if (from === row && x > at) {
      line.run(behind, x - 1, style);
      line.put(x, '╮', style);
    } else if (from === row) {
      line.run(x + 1, at - 1, style);
      line.put(x, '╭', style);
    } else if (to === row && x < at) {
      line.run(x + 1, at - 2, style);
      line.put(x, '╰', style);
      line.put(at - 1, '▶', style);
    } else if (to === row) {
      line.run(behind + 1, x - 1, style);
      line.put(x, '╯', style);
      line.put(behind, '◀', style);
    }
  }
  if (hasStub(drawing, row) && layout.form === 'wide') line.put(behind, '─▷', style);
  if (comesFromAfar(drawing, row)) line.put(at - 1, '▷', style);
  line.put(at, NODES[kind], style);
}

const NODES: Readonly<Record<DiagramRow['kind'], string>> = {
  start: '┳',
  call: '●',
  signal: '●',
  output: '●',
  exit: '┻',
  removal: '✗',
  wait: '┊',
};

/** Columns that an arrow to or from the right needs behind the text. */
function roomForArrow(drawing: Drawing, row: number): number {
  const { form, lanes, routes } = drawing.layout;
  if (form !== 'wide') return 0;
  if (hasStub(drawing, row)) return 3;
  const at = lanes[drawing.diagram.rows[row]!.lane]!;
  return routes.some(({ from, to, x }) => (from === row || to === row) && x > at) ? 2 : 0;
}

/** Does something leave there whose way is not drawn: it never came, or not in this picture? */
const hasStub = ({ diagram, layout }: Drawing, row: number): boolean =>
  diagram.arrows.some(({ from }) => from === diagram.rows[row]!.seq) && !layout.routes.some(({ from }) => from === row);

const comesFromAfar = ({ diagram, layout }: Drawing, row: number): boolean =>
  diagram.arrows.some(({ to }) => to === diagram.rows[row]!.seq) && !layout.routes.some(({ to }) => to === row);

/** At most so many columns of it. */
function cut(text: string, width: number, mark: string): string {
  if (measureText(text) <= width) return text;
  let shown = '';
  let columns = measureText(mark);
  for (const { letter, columns: more } of splitLetters(text)) {
    if (columns + more > width) break;
    shown += letter;
    columns += more;
  }
  return `${shown.trimEnd()}${mark}`;
}
