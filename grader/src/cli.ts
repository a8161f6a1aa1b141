import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { TOOL_VERSION } from './explore/fingerprint.js';

// Each command is imported when it is asked for: `ipclab --help` need not load a YAML parser.

const EXIT_USAGE = 2;

const parseSeed = (text: string): number => {
  const seed = Number(text);
  if (!/^\d+$/.test(text) || seed > 0xffff_ffff)
    throw new InvalidArgumentError(`Expected a whole number from 0 to 4294967295, got ${text}.`);
  return seed;
};

const labOption = () =>
  new Option(
    '--lab <id or folder>',
    'the lab that it answers; if not said, the one named in its package.json: "ipclab": { "lab": "02-mtype-dispatch" }',
  );

const program = new Command('ipclab')
  .description(
    'Grades programs that use System V IPC: runs them on the real kernel, in many orders, and explains what it finds.',
  )
  .version(TOOL_VERSION, '-V, --version')
  .configureHelp({ showGlobalOptions: true })
  .showHelpAfterError('(ipclab --help says more)')
  .exitOverride()
  .enablePositionalOptions()
  .addHelpText(
    'after',
    `
A first look:
  $ ipclab doctor                        what this machine can do
  $ ipclab run src/main.ts               just run a program, with the flags that fork() needs
  $ ipclab grade .                       grade the submission in this folder
  $ ipclab replay 'order~.0:client1' .   see one run of it again, event by event

Exit status: 0 all passed, 1 something failed, 2 it could not be graded or was called wrongly, 130 interrupted.`,
  );

program
  .command('grade')
  .argument('<submission>', 'folder with the programs')
  .summary('grade a submission')
  .description(
    'Builds a submission, runs its scenarios under many schedules, and checks the rules of its lab on every run.',
  )
  .addOption(labOption())
  .option('--seed <n>', 'draw other schedules and signals; the same number gives the same result everywhere', parseSeed)
  .option(
    '--seconds <n>',
    'begin no more runs after that time, whatever the lab says; what was found by then is judged',
    parseSeconds,
  )
  .option('--scenario <name...>', 'only these scenarios, and the rules that check them')
  .option('--json', 'print result.json instead of the report')
  .option('--ascii', 'draw pictures with - | + only')
  .addHelpText(
    'after',
    `
Examples:
  $ ipclab grade .                                   in a lab's folder
  $ ipclab grade ann --lab 02-mtype-dispatch         the lab by its id (labs/<id>, or in IPCLAB_LABS)
  $ ipclab grade ann --lab ../my-lab --seed 7
  $ ipclab grade ann --json > result.json

What you see: one line for each rule, with its points. For a rule that failed: what happened, the events that show it, what
was expected, why, and the command that shows the same run again.`,
  )
  .action(
    async (
      submission: string,
      options: { lab?: string; seed?: number; seconds?: number; scenario?: string[]; json?: boolean; ascii?: boolean },
    ) => {
      const { grade } = await import('./commands/grade.js');
      process.exitCode = await grade(submission, options);
    },
  );

program
  .command('init')
  .argument('<lab>', 'id of a lab, or its folder')
  .argument('[folder]', 'to be made; if not said, named as the lab')
  .summary("make a student's folder of a lab")
  .description(
    "Makes a folder that works by itself: handout, skeleton, tests, settings for editor, dev container and CI. Nothing that is the staff's.",
  )
  .option('--packages <folder>', 'install from packages in that folder (scripts/pack.mjs) instead of the registry')
  .addHelpText('after', '\nExamples:\n  $ ipclab init 02-mtype-dispatch my-lab')
  .action(async (lab: string, folder: string | undefined, options: { packages?: string }) => {
    const { init } = await import('./commands/init.js');
    process.exitCode = init(lab, folder, options);
  });

program
  .command('start')
  .argument('[scenario]', 'if not said, the first of the lab')
  .summary('run the programs of a scenario, as a person would')
  .description(
    'Starts the programs one after the other in this terminal, each line after the name of who wrote it. Nobody supervises or checks them.',
  )
  .addOption(labOption())
  .option('--submission <folder>', 'folder with the programs', '.')
  .addHelpText('after', '\nExamples:\n  $ ipclab start\n  $ ipclab start priority')
  .action(async (scenario: string | undefined, options: { lab?: string; submission: string }) => {
    const { start } = await import('./commands/start.js');
    process.exitCode = await start(scenario, options);
  });

program
  .command('play')
  .argument('[submission]', 'folder with the programs', '.')
  .summary('be the scheduler')
  .description(
    'You say by keys who moves next and where a signal lands, on the real kernel; any decision can be taken back. At the end: the whole run, what the rules say, and its token.',
  )
  .addOption(labOption())
  .option('--scenario <name>', 'if not said, the first of the lab')
  .option('--ascii', 'draw with ASCII only')
  .addHelpText('after', '\nExamples:\n  $ ipclab play\n  $ ipclab play --scenario priority')
  .action(async (submission: string, options: { lab?: string; scenario?: string; ascii?: boolean }) => {
    const { play } = await import('./commands/play.js');
    process.exitCode = await play(submission, options);
  });

program
  .command('run')
  .argument('<program>', 'a TypeScript file, or a command')
  .argument('[args...]', 'its arguments')
  .option('--inspect-brk', 'wait for a debugger before the first statement; fork() is refused then')
  .summary('just run a program')
  .description(
    'Runs one program as it is, without grading. A TypeScript file is bundled and run by node --single-threaded --v8-pool-size=0, which fork() needs; ' +
      'it imports @ipclab/native. Anything else is run as a command. The exit status is its own.',
  )
  .passThroughOptions()
  .addHelpText(
    'after',
    `
Examples:
  $ ipclab run src/main.ts
  $ ipclab run src/client.ts urgent hello     arguments after the file are the program's
  $ ipclab run ./server                       a C program

Queues that it leaves are on this machine: ipcs -q shows them, ipcrm -q <id> removes one.`,
  )
  .action(async (file: string, args: string[], options: { inspectBrk?: boolean }) => {
    const { run } = await import('./commands/run.js');
    process.exitCode = await run(file, args, options);
  });

program
  .command('replay')
  .argument(
    '<token>',
    'what a finding gave: scenario, deviations from the default order, signals and faults, line of the score',
  )
  .argument('[submission]', 'folder with the programs', '.')
  .summary('show one run again')
  .description(
    'Runs a scenario under the schedule that a token stands for, shows every event in order, what the rules say about it, and whether it still fails.',
  )
  .addOption(labOption())
  .option('--step', 'step through it: space or → the next event, ← back, q quit')
  .option('--list', 'a line an event, with all arguments, instead of a picture')
  .option('--ascii', 'draw with - | + only')
  .addHelpText(
    'after',
    `
Examples:
  $ ipclab replay order                                the default order of scenario order
  $ ipclab replay 'order~client1.2:server1' .          at client#1's call 2, server#1 moves instead
  $ ipclab replay 'signals~~TERM@server1.4b' ann       SIGTERM reaches server#1 before its call 4 (b before, e entry, k blocked, a after)
  $ ipclab replay 'order~client1.2:server1~~removed'   only line removed of the score decides the exit status

The last sentence says how it went:
  Still fails             the same line of the score breaks again; after a change it may do so though not all of the schedule was reached
  Passes now              the schedule was followed, and the line holds
  No longer reached       the programs have changed so that the schedule could not be followed: it holds, but this run proves little

Exit status: 1 if it still fails (of a token without a line: if any rule fails), 0 if not, 2 if it could not be run.`,
  )
  .action(
    async (
      token: string,
      submission: string,
      options: { lab?: string; step?: boolean; list?: boolean; ascii?: boolean },
    ) => {
      const { replay } = await import('./commands/replay.js');
      process.exitCode = await replay(token, submission, options);
    },
  );

program
  .command('free')
  .argument('[submission]', 'folder with the programs', '.')
  .summary('run the scenarios at full speed')
  .description(
    'Runs the scenarios of a lab with all processes at full speed on all processors, as they would run without us, and checks the rules on every run. ' +
      'Nobody is held and no signal is placed, so nothing can be repeated: it is for looking, not for points.',
  )
  .addOption(labOption())
  .option('--runs <n>', 'of each scenario', parseRuns, 20)
  .option('--scenario <name...>', 'only these scenarios')
  .addHelpText(
    'after',
    `
Examples:
  $ ipclab free                                in a lab's folder
  $ ipclab free ann --scenario order --runs 200

Calls that overlap have no order of their own: the one that is shown is an order that explains every answer of the kernel.

Exit status: 1 if a rule failed in any run, 0 if not, 2 if it could not be run.`,
  )
  .action(async (submission: string, options: { lab?: string; runs: number; scenario?: string[] }) => {
    const { free } = await import('./commands/free.js');
    process.exitCode = await free(submission, options);
  });

program
  .command('test')
  .argument('[args...]', "jest's own")
  .summary('run jest in this folder')
  .description(
    "Runs jest with the flag that ES modules need: a lab's `npm test`. One test a scenario and rule, the same verdict as grade.",
  )
  .passThroughOptions()
  .allowUnknownOption()
  .addHelpText(
    'after',
    '\nExamples:\n  $ ipclab test\n  $ ipclab test -t order      only tests whose name contains "order"',
  )
  .action(async (args: string[]) => {
    const { test } = await import('./commands/test.js');
    process.exitCode = await test(args);
  });

program
  .command('compare')
  .argument('<result>', 'result.json, as grade --json prints it')
  .argument('<other>', 'another one, of the same submission')
  .summary('do two results say the same?')
  .description(
    'Compares the verdicts of two gradings of the same submission, and says in which part their fingerprints differ. With equal fingerprints the verdicts are equal.',
  )
  .addHelpText(
    'after',
    `
Examples:
  $ ipclab grade ann --json > there.json
  $ ipclab compare here.json there.json

Exit status: 0 they say the same, 1 they do not.`,
  )
  .action(async (one: string, other: string) => {
    const { compare } = await import('./commands/compare.js');
    process.exitCode = compare(one, other);
  });

const rulesCommand = program
  .command('rules')
  .argument('[name]', 'of a rule')
  .option('--lab <id or folder>', "with that lab's own rules")
  .summary('list the rules of a lab, or explain one')
  .description(
    'Lists what a line of the score can ask for. Of one rule: why, what it finds, its parameters, an example for lab.yaml, its hints.',
  )
  .addHelpText('after', '\nExamples:\n  $ ipclab rules\n  $ ipclab rules queues-removed')
  .action(async (name: string | undefined, options: { lab?: string }) => {
    const { rules } = await import('./commands/rules.js');
    process.exitCode = rules(name, options);
  });

rulesCommand
  .command('new')
  .argument('<lab>', 'id of a lab, or its folder')
  .argument('<name>', 'of the rule: small letters, digits, dashes')
  .summary("make a rule of a lab's own")
  .description("Makes rules/<name>.ts in the lab's folder, and names it in lab.yaml under customRules.")
  .addHelpText('after', '\nExamples:\n  $ ipclab rules new labs/10-my-lab answers-in-time')
  .action(async (labName: string, name: string) => {
    const { rulesNew } = await import('./commands/rules-new.js');
    process.exitCode = rulesNew(labName, name);
  });

const lab = program.command('lab').summary('make and certify labs').description('For those who write labs.');

lab
  .command('new')
  .argument('<folder>', "to be made; its name is the lab's id")
  .summary('make a small lab that is whole')
  .description(
    'Makes a lab to begin with: handout, lab.yaml, skeleton, test, and for staff a solution, a trap, three mutants and notes. ipclab lab check passes it.',
  )
  .addHelpText('after', '\nExamples:\n  $ ipclab lab new labs/10-my-lab')
  .action(async (folder: string) => {
    const { labNew } = await import('./commands/lab-new.js');
    process.exitCode = labNew(folder);
  });

lab
  .command('check')
  .argument('<folder>', 'of the lab, with lab.yaml and .staff')
  .summary('certify a lab before it is handed out')
  .description(
    'Grades all that there is to a lab: skeletons must fail as .staff/skeleton.yaml says, solutions and traps must pass, each mutant must be caught as its ' +
      'mutant.yaml says, on every seed; the handout must agree with lab.yaml. Writes .staff/certificate.json.',
  )
  .option('--seeds <n>', 'grade each program so many times, each with a seed of its own', parseRuns, 20)
  .option(
    '--runs <n>',
    'make so many runs of each correct program, over all seeds, if there are so many schedules',
    parseRuns,
    200,
  )
  .option('--load', 'keep every core busy meanwhile')
  .addHelpText(
    'after',
    `
Examples:
  $ ipclab lab check labs/02-mtype-dispatch
  $ ipclab lab check my-lab --seeds 3 --runs 30      a first look

Exit status: 0 certified, 1 not certified, 2 it could not be told.`,
  )
  .action(async (folder: string, options: { seeds: number; runs: number; load?: boolean }) => {
    const { labCheck } = await import('./commands/lab-check.js');
    process.exitCode = await labCheck(folder, options);
  });

program
  .command('doctor')
  .summary('say what this machine can do')
  .description(
    'Tries what grading needs of this machine, and says what is missing, what follows from it and what to do.',
  )
  .option('--json', 'print the facts as JSON')
  .action(async (options: { json?: boolean }) => {
    const { doctor } = await import('./commands/doctor.js');
    process.exitCode = await doctor(options);
  });

// `ipclab grade . | head`: whoever read has seen enough. What there is to do is done all the same, and the exit status says how it went.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
  else {
    const { renderProblem } = await import('./commands/render-problem.js');
    process.stderr.write(renderProblem(error));
    process.exitCode = EXIT_USAGE;
  }
}

function parseRuns(text: string): number {
  const runs = Number(text);
  if (!/^\d+$/.test(text) || runs < 1 || runs > 100_000)
    throw new InvalidArgumentError(`Expected a whole number from 1 to 100000, got ${text}.`);
  return runs;
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!/^\d+(?:\.\d+)?$/.test(text) || seconds === 0)
    throw new InvalidArgumentError('Expected a number of seconds above 0.');
  return seconds;
}
