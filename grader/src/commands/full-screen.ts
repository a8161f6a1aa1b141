const ENTER = '\u001B[?1049h\u001B[?25l'; // the alternate screen, without a cursor (xterm control sequences)
const LEAVE = '\u001B[?25h\u001B[?1049l';
const CLEAR = '\u001B[H\u001B[2J';

/** What is needed of a terminal. */
export interface Terminal {
  input: Pick<NodeJS.ReadStream, 'setRawMode' | 'on' | 'off' | 'resume' | 'pause'>;
  output: Pick<NodeJS.WriteStream, 'write' | 'on' | 'off' | 'rows' | 'columns'>;
}

/**
 * Takes the whole screen and every key, until `press` answers false; then the screen is as before. `draw`: what the screen shows. `press` is given what
 * the terminal sent, one after the other; what comes while it works waits.
 */
export async function showFullScreen(
  { input, output }: Terminal,
  draw: (screen: { rows: number; columns: number }) => string,
  press: (keys: string) => boolean | Promise<boolean>,
): Promise<void> {
  const redraw = (): void => {
    const { rows, columns } = output;
    // In raw mode a line feed does not return the carriage everywhere.
    output.write(CLEAR + draw({ rows, columns }).replaceAll('\n', '\r\n'));
  };
  await new Promise<void>((resolve, reject) => {
    const handle = (chunk: Buffer): void => {
      const answer = press(chunk.toString());
      if (typeof answer === 'boolean') {
        if (answer) redraw();
        else leave();
        return;
      }
      input.pause();
      answer.then(
        (goOn) => {
          if (!goOn) {
            leave();
            return;
          }
          redraw();
          input.resume();
        },
        (error: Error) => {
          leave();
          reject(error);
        },
      );
    };
    const leave = (): void => {
      input.off('data', handle).off('end', leave);
      output.off('resize', redraw);
      input.pause();
      input.setRawMode(false);
      output.write(LEAVE);
      resolve();
    };
    input.setRawMode(true);
    output.write(ENTER);
    redraw();
    output.on('resize', redraw);
    // At its end the terminal has gone away.
    input.on('data', handle).on('end', leave).resume();
  });
}
