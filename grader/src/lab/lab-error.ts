/** Something wrong in lab.yaml, and where. Lines and columns count from 1. */
export interface Problem {
  severity: 'error' | 'warning';
  line: number;
  column: number;
  /** Characters that are marked; stays within the line. */
  length: number;
  message: string;
}

/** A lab that cannot be used: all that is wrong with its lab.yaml. */
export class LabError extends Error {
  override readonly name = 'LabError';
  constructor(
    /** As the user named it. */
    readonly file: string,
    readonly problems: readonly Problem[],
    source: string,
  ) {
    super(problems.map((problem) => renderProblem(file, problem, source)).join('\n'));
  }
}

/** `lab.yaml:10:11 error: …`, the line and a caret under the place. */
export function renderProblem(file: string, problem: Problem, source: string): string {
  const { severity, line, column, length, message } = problem;
  const text = source.split('\n')[line - 1]?.replace(/\r$/, '') ?? '';
  const number = String(line).padStart(4);
  // A tab stays a tab, so that the caret is under its character in any terminal.
  const indent = text.slice(0, column - 1).replace(/[^\t]/g, ' ');
  return [
    `${file}:${line}:${column} ${severity}: ${message}`,
    `${number} | ${text}`,
    `${' '.repeat(number.length)} | ${indent}${'^'.repeat(Math.max(1, length))}`,
  ].join('\n');
}
