const PID_FILE = 'daemon.pid';
const SETTING_FILE = 'daemon.conf';
const HELLO = 'Hello Ann\nHello Bob\n';

/** Whoever reads the file finds a whole pid in it, at whatever moment. */
function isRegistered(stage, daemon) {
  if (!stage.list().includes(PID_FILE)) return false;
  stage.expect('pid file', stage.read(PID_FILE), `${daemon.pid}\n`);
  return true;
}

async function startDaemon(stage) {
  stage.write(SETTING_FILE, 'Hello\n');
  const daemon = stage.start('daemon');
  await stage.waitUntil(() => daemon.isOver || isRegistered(stage, daemon));
  stage.expect('daemon: registered', stage.list().includes(PID_FILE), true);
  return daemon;
}

async function expectStopped(stage, daemon, ...alsoAllowed) {
  stage.expect('daemon: exit status', await daemon.ended, 0, ...alsoAllowed);
  stage.expect('daemon: output', daemon.stdout, '');
  stage.expect('pid file is there', stage.list().includes(PID_FILE), false);
}

async function stopDaemon(stage, daemon) {
  daemon.kill('SIGTERM');
  await expectStopped(stage, daemon);
}

async function expectAnswers(stage, args, text) {
  const ctl = stage.start('ctl', args);
  stage.expect('ctl: exit status', await ctl.ended, 0);
  stage.expect('ctl: output', ctl.stdout, text);
}

/** It has its answers, or has found the daemon gone. */
async function expectAnswersOrNobody(stage, ctl, text) {
  const status = await ctl.ended;
  stage.expect('ctl: exit status', status, 0, 2, 3);
  if (status === 0) stage.expect('ctl: output', ctl.stdout, text);
  stage.expect('ctl: only right answers', text.startsWith(ctl.stdout), true);
  if (status !== 0) stage.expect('ctl: says why', ctl.stderr.trim() !== '', true);
}

async function expectNobody(stage, args) {
  const ctl = stage.start('ctl', args);
  stage.expect('ctl without a daemon: exit status', await ctl.ended, 2);
  stage.expect('ctl without a daemon: output', ctl.stdout, '');
  stage.expect('ctl without a daemon: says why', ctl.stderr.trim() !== '', true);
}

export default {
  plain: async (stage) => {
    const daemon = await startDaemon(stage);
    await expectAnswers(stage, ['ask', 'Ann', 'Bob'], HELLO);
    await expectAnswers(stage, ['stop'], `stopping ${daemon.pid}\n`);
    await expectStopped(stage, daemon);
    await expectNobody(stage, ['stop']);
  },
  reload: async (stage) => {
    const daemon = await startDaemon(stage);
    await expectAnswers(stage, ['reload', 'Bye', 'Ann'], 'Bye Ann\n');
    stage.expect(SETTING_FILE, stage.read(SETTING_FILE).trim(), 'Bye');
    await expectAnswers(stage, ['ask', 'Ann'], 'Bye Ann\n');
    stage.write(SETTING_FILE, 'Hi\n');
    daemon.kill('SIGHUP');
    await expectAnswers(stage, ['ask', 'Ann'], 'Hi Ann\n');
    await stopDaemon(stage, daemon);
  },
  "a stranger's pid in the file": async (stage) => {
    const stranger = stage.startStranger();
    stage.write(SETTING_FILE, 'Hello\n');
    stage.write(PID_FILE, `${stranger.pid}\n`);
    await expectNobody(stage, ['stop']);
    const daemon = stage.start('daemon');
    await stage.waitUntil(() => daemon.isOver || stage.read(PID_FILE) === `${daemon.pid}\n`);
    await expectAnswers(stage, ['ask', 'Ann'], 'Hello Ann\n');
    stage.write(PID_FILE, `${stranger.pid}\n`);
    await expectNobody(stage, ['stop']);
    await expectNobody(stage, ['reload', 'Bye', 'Ann']);
    stage.expect('the stranger was killed', stranger.isOver, false);
    await stopDaemon(stage, daemon);
  },
  "a dead daemon's file, and a stranger's queue": async (stage) => {
    const dead = await startDaemon(stage);
    dead.kill('SIGKILL');
    await dead.ended;
    await expectNobody(stage, ['ask', 'Ann']);
    stage.removeQueues();
    await expectNobody(stage, ['stop']);
    stage.makeStrangersQueue(68);
    const daemon = stage.start('daemon');
    await stage.waitUntil(() => daemon.isOver || stage.read(PID_FILE) === `${daemon.pid}\n`);
    await expectAnswers(stage, ['ask', 'Ann'], 'Hello Ann\n');
    await stopDaemon(stage, daemon);
  },
  'SIGTERM while requests are in the queue': async (stage) => {
    const daemon = await startDaemon(stage);
    daemon.kill('SIGSTOP');
    const asking = ['Ann', 'Bob'].map((name) => stage.start('ctl', ['ask', name]));
    await stage.waitUntil(() => stage.countMessages() >= asking.length || asking.some((ctl) => ctl.isOver));
    // Who has not begun to wait may come too late for its answer: the queue is removed.
    const isWaiting = await Promise.all(asking.map((ctl) => ctl.sleeps()));
    daemon.kill('SIGTERM');
    daemon.kill('SIGCONT');
    for (const [index, ctl] of asking.entries()) {
      if (isWaiting[index]) stage.expect('waiting ctl: exit status', await ctl.ended, 0);
      await expectAnswersOrNobody(stage, ctl, ['Hello Ann\n', 'Hello Bob\n'][index]);
    }
    await expectStopped(stage, daemon);
  },
  'a second daemon, and then the next one': async (stage) => {
    const first = await startDaemon(stage);
    const second = stage.start('daemon');
    stage.expect('second daemon: exit status', await second.ended, 1);
    stage.expect('second daemon: says why', second.stderr.trim() !== '', true);
    stage.expect('pid file', stage.read(PID_FILE), `${first.pid}\n`);
    await expectAnswers(stage, ['ask', 'Ann'], 'Hello Ann\n');
    const next = stage.start('daemon');
    await stage.sleep(stage.usualMs('plain') / 4);
    first.kill('SIGTERM');
    stage.expect('daemon: exit status', await first.ended, 0);
    const isNextRegistered = () => stage.read(PID_FILE) === `${next.pid}\n`;
    await stage.waitUntil(() => next.isOver || isNextRegistered());
    if (isNextRegistered()) {
      await stage.sleep(20);
      stage.expect("next daemon's pid file", stage.read(PID_FILE), `${next.pid}\n`);
      await expectAnswers(stage, ['ask', 'Ann'], 'Hello Ann\n');
    }
    next.kill('SIGTERM');
    // It may have come too early.
    await expectStopped(stage, next, 1, 'SIGTERM');
  },
  'SIGHUP again and again': async (stage) => {
    const daemon = await startDaemon(stage);
    const ctl = stage.start('ctl', ['ask', 'Ann', 'Bob']);
    while (!ctl.isOver) {
      daemon.kill('SIGHUP');
      await stage.sleep(20);
    }
    stage.expect('ctl: exit status', await ctl.ended, 0);
    stage.expect('ctl: output', ctl.stdout, HELLO);
    // No answer is there that nobody has asked for.
    if (await stage.expectToSleep('daemon', daemon)) stage.expect('messages left', stage.countMessages(), 0);
    await stopDaemon(stage, daemon);
  },
  'SIGTERM at any time': async (stage) => {
    stage.write(SETTING_FILE, 'Hello\n');
    const daemon = stage.start('daemon');
    const told = stage.sleep(stage.usualMs('plain')).then(() => daemon.kill('SIGTERM'));
    await stage.waitForQueue(daemon);
    const ctl = stage.start('ctl', ['ask', 'Ann', 'Bob']);
    // One that comes before the handler is installed ends it.
    await expectStopped(stage, daemon, 'SIGTERM');
    await expectAnswersOrNobody(stage, ctl, HELLO);
    await told;
  },
  'two ask and a third one stops': async (stage) => {
    const daemon = await startDaemon(stage);
    const asking = [1, 2].map(() => stage.start('ctl', ['ask', 'Ann', 'Bob', 'Eve']));
    await stage.sleep(20);
    await expectAnswers(stage, ['stop'], `stopping ${daemon.pid}\n`);
    for (const ctl of asking) await expectAnswersOrNobody(stage, ctl, `${HELLO}Hello Eve\n`);
    await expectStopped(stage, daemon);
  },
};
