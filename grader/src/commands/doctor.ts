import { probeMachine } from '@ipclab/harness';
import { createStyle } from './style.js';

const MARKS = { good: '✓', limited: '!', missing: '✗' } as const;
const COLORS = { good: 'green', limited: 'yellow', missing: 'red' } as const;

export async function doctor({ json = false }: { json?: boolean }): Promise<number> {
  const machine = await probeMachine();
  if (json) process.stdout.write(`${JSON.stringify(machine, null, 2)}\n`);
  else {
    const style = createStyle(process.stdout);
    for (const { name, value, status, consequence } of machine.facts)
      process.stdout.write(
        `${style(COLORS[status], MARKS[status])} ${style('bold', name)}: ${value}\n    ${consequence}\n`,
      );
    process.stdout.write(
      machine.canGrade ? '\nThis machine can grade.\n' : '\nThis machine cannot grade: see ✗ above.\n',
    );
  }
  return machine.canGrade ? 0 : 2;
}
