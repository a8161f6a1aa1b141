import type { Diagram, DiagramRow } from '../score/diagram.js';
import { measureText } from './text.js';

/** Where an arrow runs: down a column of its own, from the line of one row to that of another. */
export interface Route {
  /** Places in `rows`. */
  from: number;
  to: number;
  x: number;
}

/** Columns of everything in a picture. */
export interface Layout {
  /**
   * `wide`: each text stands at its lane. `compact`: many lanes stand close, texts to their right with the name of the process.
   * `list`: there is no room for lanes.
   */
  form: 'wide' | 'compact' | 'list';
  /** Of each lane; empty in a list. */
  lanes: number[];
  /** Place of a row's text. */
  texts: { x: number; width: number }[];
  /** In the compact forms the name of the process stands before the text. */
  names: { x: number; width: number };
  routes: Route[];
  side: { x: number; width: number };
}

/** What is measured before anything is placed. */
export interface Measured {
  rows: readonly Pick<DiagramRow, 'seq' | 'lane' | 'text'>[];
  names: readonly string[];
  /** Columns before the picture. */
  left: number;
  /** Columns of what stands beside it, in one line and in several. */
  side: number;
  narrowSide: number;
  /** Of all. */
  width: number;
}

const MIN_TEXT = 12; // columns of a lane's text
const MIN_COMPACT_TEXT = 18;
const MAX_TRACKS = 3; // arrows side by side before a lane
const STEP = 2; // columns from one of them to the next
const PITCH = 3; // columns from a lane to the next, in the compact form

/** An arrow whose two ends have rows. */
interface Way extends Pick<Route, 'from' | 'to'> {
  source: number;
  target: number;
}

/** Chooses the form and the columns. */
export function planLayout(arrows: Diagram['arrows'], measured: Measured): Layout {
  const { rows, left, width, narrowSide } = measured;
  const place = new Map(rows.map(({ seq }, index) => [seq, index]));
  const ways = arrows
    .map(({ from, to }) => ({ from: place.get(from ?? -1) ?? -1, to: place.get(to ?? -1) ?? -1 }))
    .filter(({ from, to }) => from >= 0 && to > from)
    .map(({ from, to }): Way => ({ from, to, source: rows[from]!.lane, target: rows[to]!.lane }))
    .toSorted((a, b) => a.from - b.from);
  return (
    planWide(ways, measured) ??
    planCompact(PITCH, ways, measured) ??
    planCompact(PITCH - 1, [], measured) ?? {
      form: 'list',
      lanes: [],
      routes: [],
      ...placeTexts(left, measured),
      side: { x: width - narrowSide, width: narrowSide },
    }
  );
}

/** Gives each arrow the first of its places that no other one holds at that time; those for which there is none get no way. */
function assign<Place>(
  ways: readonly Way[],
  listPlaces: (way: Way) => Place[],
  isSame: (a: Place, b: Place) => boolean,
): (Way & { place: Place })[] {
  const assigned: (Way & { place: Place })[] = [];
  for (const way of ways) {
    const taken = assigned.filter(({ to }) => to >= way.from);
    const free = listPlaces(way).find((each) => !taken.some(({ place }) => isSame(place, each)));
    if (free !== undefined) assigned.push({ ...way, place: free });
  }
  return assigned;
}

/** Before the right one of its two lanes, or behind the left one: as near to the lane as can be. */
const listTracks = ({ source, target }: Way): { lane: number; track: number }[] =>
  [...Array(MAX_TRACKS).keys()].flatMap((track) =>
    [...new Set([Math.max(source, target), Math.min(source, target) + (source === target ? 0 : 1)])].map((lane) => ({
      lane,
      track,
    })),
  );

function planWide(ways: readonly Way[], { rows, names, left, side, width }: Measured): Layout | undefined {
  const tracks = assign(ways, listTracks, (a, b) => a.lane === b.lane && a.track === b.track);
  // Also the head of an arrow that comes from nowhere needs a column.
  const rooms = names.map(
    (_, lane) =>
      STEP * Math.max(1, ...tracks.filter(({ place }) => place.lane === lane).map(({ place }) => place.track + 1)),
  );
  // Each lane has a column, a space, its text, and a space.
  const fixed = left + rooms.reduce((sum, room) => sum + room + 3, 0) + side;
  const lengths = names.map((_, lane) =>
    rows.filter((row) => row.lane === lane).map(({ text }) => measureText(text) + 3),
  );
  const widths = names.map((name, lane) =>
    Math.max(Math.min(MIN_TEXT, Math.max(0, ...lengths[lane]!)), Math.min(MIN_TEXT, measureText(name) - 1)),
  );
  let spare = width - fixed - widths.reduce((sum, each) => sum + each, 0);
  if (spare < 0) return undefined;
  const overflow = (lane: number): number =>
    lengths[lane]!.reduce((sum, length) => sum + Math.max(0, length - widths[lane]!), 0);
  for (; spare > 0; spare--) {
    const needs = names.map((_, lane) => overflow(lane));
    const most = Math.max(...needs);
    if (most === 0) break;
    widths[needs.indexOf(most)]!++;
  }
  const lanes: number[] = [];
  let x = left;
  for (const [lane, room] of rooms.entries()) {
    lanes.push(x + room);
    x += room + 3 + widths[lane]!;
  }
  return {
    form: 'wide',
    lanes,
    texts: rows.map(({ lane }) => ({ x: lanes[lane]! + 2, width: widths[lane]! })),
    names: { x: 0, width: 0 },
    routes: tracks.map(({ from, to, place }) => ({ from, to, x: lanes[place.lane]! - STEP * (place.track + 1) })),
    side: { x, width: side },
  };
}

/** Before each lane there are two columns: one for an arrow to the right, one for an arrow to the left. */
function planCompact(pitch: number, ways: readonly Way[], measured: Measured): Layout | undefined {
  const { names, left, narrowSide, width } = measured;
  const lanes = names.map((_, lane) => left + 2 + lane * pitch);
  const placed = placeTexts(lanes.at(-1)! + 3, measured);
  if (Math.min(...placed.texts.map((text) => text.width)) < MIN_COMPACT_TEXT) return undefined;
  const listColumns = ({ source, target }: Way): number[] => {
    if (source === target) return [lanes[source]! - 2];
    // Beside the sender, or on the way.
    const between = [...Array(Math.abs(target - source)).keys()];
    return between.map((each) => (target > source ? lanes[source + each]! + 1 : lanes[source - each]! - 1));
  };
  const routes = assign(ways, listColumns, (a, b) => a === b).map(({ from, to, place }) => ({ from, to, x: place }));
  return { form: 'compact', lanes, ...placed, routes, side: { x: width - narrowSide, width: narrowSide } };
}

const MAX_NAME = 14;

/** Name and text of each row to the right of the lanes. */
function placeTexts(x: number, { rows, names, narrowSide, width }: Measured): Pick<Layout, 'texts' | 'names'> {
  const name = Math.min(MAX_NAME, Math.max(...names.map(measureText)));
  const text = x + name + 2;
  const end = width - narrowSide - (narrowSide > 0 ? 1 : 0);
  return { names: { x, width: name }, texts: rows.map(() => ({ x: text, width: end - text })) };
}
