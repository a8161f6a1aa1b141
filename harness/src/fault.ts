/** What broke, when it was not the student's program. */
export type FaultCode = keyof typeof TEXTS;

const TEXTS = {
  'engine-start': 'The engine, which runs the programs, did not start.',
  'engine-died': 'The engine, which runs the programs, ended in the middle of its work.',
  'engine-silent': 'The engine, which runs the programs, did not answer in time and was ended.',
  'engine-closed': 'The engine was closed before the run was over.',
  run: 'The run could not be carried out.',
  plan: 'The run could not be planned.',
  'build-tool': 'A tool that builds submissions did not work.',
  folder: 'A temporary folder could not be made or removed.',
} as const;

/**
 * Our side, or the machine, broke; it costs a student nothing. `message` says what was expected, what was found, and what
 * to do; `detail` is the second half of it.
 */
export class Fault extends Error {
  override readonly name = 'Fault';
  constructor(
    readonly code: FaultCode,
    readonly detail: string,
    options?: ErrorOptions,
  ) {
    super(detail ? `${TEXTS[code]} ${detail}` : TEXTS[code], options);
  }
}
