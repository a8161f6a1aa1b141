import { moveStep, parseKeys, renderStep, type RenderOptions, type StepView } from '../report/index.js';
import { showFullScreen, type Terminal } from './full-screen.js';

/** Shows a run event by event, by keys, until q; then the screen is as before. */
export async function stepThrough(view: StepView, terminal: Terminal, options: RenderOptions): Promise<void> {
  let position = 0;
  await showFullScreen(
    terminal,
    (screen) => renderStep(view, position, screen, options),
    (keys) => {
      for (const step of parseKeys(keys)) {
        const next = moveStep(position, step, view.drawn.rows.length);
        if (next === undefined) return false;
        position = next;
      }
      return true;
    },
  );
}
