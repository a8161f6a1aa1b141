import { escapePattern } from '../model/text.js';

/** A command that a handout shows, and what it says comes of it. */
export interface ShownCommand {
  /** Of README.md, from 1. */
  line: number;
  /** Without its `$` and its comment. */
  command: string;
  expected: string[];
}

/** A console block of a handout. */
export interface Session {
  /** Of a queue: ```` ```console queueBytes=12 ````. Default: what the kernel gives. */
  queueBytes?: number;
  commands: ShownCommand[];
}

/** The console blocks of a handout. */
export function readSessions(text: string): Session[] {
  const sessions: Session[] = [];
  let session: Session | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    if (line.startsWith('```')) {
      const opening = /^```(?:console|sh-session)\b(?: +queueBytes=(\d+))?/.exec(line);
      session = opening ? { commands: [], ...(opening[1] ? { queueBytes: Number(opening[1]) } : {}) } : undefined;
      if (session) sessions.push(session);
    } else if (line.startsWith('$ '))
      session?.commands.push({ line: index + 1, command: withoutComment(line.slice(2)), expected: [] });
    else session?.commands.at(-1)?.expected.push(line);
  }
  return sessions;
}

const withoutComment = (command: string): string => command.replace(/\s+#\s.*$/, '').trim();

/** What ipcs prints when there is nothing to list. */
const isHeading = (line: string): boolean => /^-+ .* -+$|^key\s+\w+id\b/.test(line);

const isTold = (line: string): boolean => line.trim() !== '' && !isHeading(line);

// A pid is another one each time. What a program counts has fewer digits.
const PID = /\b\d{4,}\b/g;

/**
 * Compares what came with what a handout shows; lines of programs that run side by side may come in any order, and a pid stands for
 * the one that came in its place.
 * @param pids those that are known by now: shown to real. What is found out is added.
 * @returns lines that did not come, and those that came beside what is shown
 */
export function compareOutput(
  expected: readonly string[],
  output: string,
  pids: Map<string, string>,
): { missing: string[]; surplus: string[] } {
  const surplus = output.split('\n').filter(isTold);
  const missing = expected.filter(isTold).filter((line) => {
    for (const [index, came] of surplus.entries()) {
      const found = matchLine(line, came, pids);
      if (!found) continue;
      for (const [shown, real] of found) pids.set(shown, real);
      surplus.splice(index, 1);
      return false;
    }
    return true;
  });
  return { missing, surplus };
}

/** The command, with the real pids in it. */
export function substitutePids(command: string, pids: ReadonlyMap<string, string>): string {
  return command.replaceAll(PID, (shown) => pids.get(shown) ?? shown);
}

/** The pids of a line that fits; undefined if it does not. */
function matchLine(shown: string, came: string, pids: ReadonlyMap<string, string>): Map<string, string> | undefined {
  const line = joinSpaces(shown);
  const pattern = line.split(PID).map(escapePattern);
  const real = new RegExp(`^${pattern.join(String.raw`(\d+)`)}$`).exec(joinSpaces(came));
  if (!real) return undefined;
  const found = new Map<string, string>();
  for (const [index, number] of (line.match(PID) ?? []).entries()) {
    const known = pids.get(number) ?? found.get(number);
    if (known !== undefined && known !== real[index + 1]) return undefined;
    found.set(number, real[index + 1]!);
  }
  return found;
}

const joinSpaces = (line: string): string => line.trim().replaceAll(/\s+/g, ' ');
