import { moveStep, parseKeys, renderStep, type RenderOptions, type StepView } from '../report/index.js';

const ENTER = '\u001B[?1049h\u001B[?25l'; // the alternate screen, without a cursor (xterm control sequences)
const LEAVE = '\u001B[?25h\u001B[?1049l';
const CLEAR = '\u001B[H\u001B[2J';

/** What is needed of a terminal. */
export interface Terminal {
  input: Pick<NodeJS.ReadStream, 'setRawMode' | 'on' | 'off' | 'resume' | 'pause'>;
  output: Pick<NodeJS.WriteStream, 'write' | 'on' | 'off' | 'rows' | 'columns'>;
}

/** Shows a run event by event, by keys, until q; then the screen is as before. */
export async function stepThrough(view: StepView, { input, output }: Terminal, options: RenderOptions): Promise<void> {
  let position = 0;
  const draw = (): void => {
    const { rows, columns } = output;
    // In raw mode a line feed does not return the carriage everywhere.
    output.write(CLEAR + renderStep(view, position, { rows, columns }, options).replaceAll('\n', '\r\n'));
  };
  await new Promise<void>((resolve) => {
    const press = (chunk: Buffer): void => {
      for (const step of parseKeys(chunk.toString())) {
        const next = moveStep(position, step, view.drawn.rows.length);
        if (next === undefined) {
          leave();
          return;
        }
        position = next;
      }
      draw();
    };
    const leave = (): void => {
      input.off('data', press).off('end', leave);
      output.off('resize', draw);
      input.pause();
      input.setRawMode(false);
      output.write(LEAVE);
      resolve();
    };
    input.setRawMode(true);
    output.write(ENTER);
    draw();
    output.on('resize', draw);
    // At its end the terminal has gone away.
    input.on('data', press).on('end', leave).resume();
  });
}
