import { formatToken, runScenario } from '@ipclab/harness';
import type { Placement, SignalName } from '@ipclab/native/supervisor';
import { createCheck } from '../explore/check-trace.js';
import { renderSuggestion } from '../lab/suggest.js';
import { createRun } from '../model/run.js';
import { type Game, getSchedule, getSituation, move, sendSignal, type Situation, undo } from '../play/game.js';
import {
  createDiagram,
  drawReplay,
  nameReplay,
  type Question,
  type RenderOptions,
  renderPlay,
  renderReplay,
  renderTimeline,
  type Replay,
} from '../report/index.js';
import { createFinding } from '../score/create-result.js';
import { showFullScreen } from './full-screen.js';
import { getHints } from '../lab/get-hints.js';
import { openLab } from './open-lab.js';
import { UsageError } from './render-problem.js';
import { hasColor } from './style.js';
import { withEngine } from './with-engine.js';

const PLACEMENTS: { key: string; placement: Placement; text: string }[] = [
  { key: 'b', placement: 'before', text: 'before the call' },
  { key: 'e', placement: 'entry', text: 'in the call, before it has done anything' },
  { key: 'k', placement: 'blocked', text: 'while it sleeps in the call' },
  { key: 'a', placement: 'after', text: 'just after the call' },
];

export interface PlayFlags {
  lab?: string;
  scenario?: string;
  ascii?: boolean;
}

/**
 * The user is the scheduler: at every point of choice says who moves, and where a signal lands, on the real kernel. Each decision runs the
 * programs again from their start, to the same point by the same schedule; so any can be taken back. Ends with the whole run, and its token.
 */
export async function play(
  submission: string,
  { lab: labName, scenario: wanted, ascii = false }: PlayFlags,
): Promise<number> {
  const lab = openLab(submission, labName);
  const names = Object.keys(lab.scenarios);
  const name = wanted ?? names[0]!;
  const scenario = lab.scenarios[name];
  if (!scenario)
    throw new UsageError(`Expected a scenario of lab ${lab.id}, got ${name}${renderSuggestion(name, names)}`);
  const { stdin, stdout } = process;
  if (!stdin.isTTY || !stdout.isTTY) throw new UsageError('Expected a terminal: keys say who moves next.');
  const options: RenderOptions & { ascii: boolean } = { color: hasColor(stdout), ascii };
  const signals = [...new Set(['SIGTERM', 'SIGINT', 'SIGKILL', ...scenario.signals.map(({ signal }) => signal)])];
  const check = createCheck(lab, name);

  return await withEngine(submission, lab, async (engine, build) => {
    const runGame = async (game: Game): Promise<{ replay: Replay; situation: Situation }> => {
      const schedule = getSchedule(game);
      const trace = await runScenario(engine, build, name, scenario, schedule);
      const run = createRun(trace, lab.formats);
      const text = formatToken(name, schedule);
      const findings = check(trace).map(({ line, finding }) => ({
        id: line,
        finding: createFinding(finding, trace, {
          scenario: name,
          token: text,
          timeline: renderTimeline(run, finding),
          hints: getHints(lab, finding.rule),
        }),
      }));
      const token = { scenario: name, ...schedule };
      const timeline = renderTimeline(run, 'all');
      const diagram = createDiagram(run, 'all');
      return {
        replay: { lab, token, scenario, trace, timeline, diagram, findings },
        situation: getSituation(game, trace),
      };
    };

    let game: Game = { decisions: [] };
    let { replay, situation } = await runGame(game);
    // A signal is chosen in three steps: which, to whom, where.
    let chosen: { signal?: SignalName; target?: Situation['able'][number] } | undefined;

    const ask = (): Question => {
      const { point, able } = situation;
      if (!point)
        return {
          text: 'The run is over.',
          choices: [
            { key: 'u', text: 'take the last decision back' },
            { key: 'q', text: 'leave, and see the whole run' },
          ],
        };
      if (!chosen)
        return {
          text: 'Who moves next?',
          choices: [
            ...able.map(({ name: each, seq }, index) => ({
              key: String(index + 1),
              text: `${each}  ${isSignal(each) ? 'takes the signal before its call' : (replay.timeline.find((event) => event.seq === seq)?.text.replace(/ = .*$/, '') ?? 'goes on')}${each === point.usual ? '   (Enter)' : ''}`,
            })),
            { key: 's', text: 'send a signal' },
            { key: 'u', text: 'take the last decision back' },
            { key: 'q', text: 'leave' },
          ],
        };
      if (!chosen.signal)
        return {
          text: 'Which signal?',
          choices: signals.map((text, index) => ({ key: String(index + 1), text })),
        };
      if (!chosen.target)
        return {
          text: `${chosen.signal} to whom?`,
          choices: listTargets(able).map(({ name: text }, index) => ({ key: String(index + 1), text })),
        };
      return { text: `${chosen.signal} to ${chosen.target.name}: where?`, choices: PLACEMENTS };
    };

    const decide = async (next: Game): Promise<void> => {
      game = next;
      chosen = undefined;
      ({ replay, situation } = await runGame(game));
    };

    const press = async (keys: string): Promise<boolean> => {
      const key = keys.at(0) ?? '';
      if (key === 'q' || key === '\u0003' || key === '\u0004') return false;
      if (key === 'u') {
        if (chosen) chosen = undefined;
        else await decide(undo(game));
        return true;
      }
      const { point, able } = situation;
      if (!point) return true;
      const number = Number(key) - 1;
      if (!chosen) {
        if (key === 's') chosen = {};
        else if (key === '\r' || key === ' ') await decide(move(game, point, point.usual));
        else if (able[number]) await decide(move(game, point, able[number].name));
      } else if (!chosen.signal) {
        const signal = signals[number];
        if (signal) chosen = { signal: signal as SignalName };
      } else if (!chosen.target) {
        const target = listTargets(able)[number];
        if (target) chosen = { ...chosen, target };
      } else {
        const place = PLACEMENTS.find((each) => each.key === key);
        if (place) await decide(sendSignal(game, chosen.target, chosen.signal, place.placement));
      }
      return true;
    };

    await showFullScreen(
      { input: stdin, output: stdout },
      (screen) => {
        const drawn = drawReplay(replay, { ...options, width: screen.columns });
        const view = { title: nameReplay(replay), drawn, seq: situation.seq, question: ask() };
        return renderPlay(view, screen, options);
      },
      press,
    );
    stdout.write(renderReplay(replay, options));
    stdout.write(`\n  Again: npx ipclab replay '${formatToken(name, getSchedule(game))}' ${submission}\n`);
    return 0;
  });
}

const isSignal = (name: string): boolean => name.endsWith('+signal');
const listTargets = (able: Situation['able']): Situation['able'] => able.filter(({ name }) => !isSignal(name));
