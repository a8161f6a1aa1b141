const toNumbers = (count) => Array.from({ length: count }, (_, index) => index + 1);
const NUMBERS = toNumbers(3);
const toLines = (word, numbers = NUMBERS) => numbers.map((number) => `${word} ${number}\n`).join('');
const SENT = toLines('sent');
const ALL_SENT = `${SENT}3 acknowledged\n`;
const RECEIVED = toLines('received');
const WORK = toLines('work');
/** So many that they are under way for a while. */
const MANY = 2000;
const MANY_SENT = `${toLines('sent', toNumbers(MANY))}${MANY} acknowledged\n`;
const MANY_RECEIVED = toLines('received', toNumbers(MANY));

const pick = (program, word) => (program.stdout.match(new RegExp(`^${word}.*\n`, 'gm')) ?? []).join('');
const countLines = (program, word) => pick(program, word).split('\n').length - 1;

/** Both are at work; something is going to happen. */
async function startMany(stage) {
  const receiver = await startReceiver(stage, 'sync');
  const sender = startSender(stage, receiver, 'sync', MANY);
  // Or they have hardly begun.
  if (stage.draw() < 0.8) await sender.says('sent 1\n');
  await stage.sleep(30);
  return { receiver, sender };
}

function expectOnlyReceived(stage, sender, receiver) {
  stage.expect('sender: only right lines', MANY_SENT.startsWith(sender.stdout), true);
  stage.expect('receiver: only right lines', MANY_RECEIVED.startsWith(receiver.stdout), true);
  stage.expect('sent what was not received', countLines(sender, 'sent') > countLines(receiver, 'received'), false);
}

const saysWhy = (program) => program.stderr.trim() !== '';

async function startReceiver(stage, ...args) {
  stage.write('mailbox.key', '');
  const receiver = stage.start('receiver', args);
  await stage.waitForQueue(receiver);
  return receiver;
}

const startSender = (stage, receiver, mode, count = NUMBERS.length) =>
  stage.start('sender', [String(receiver.pid), mode, String(count)]);

async function expectSender(stage, sender, text = ALL_SENT) {
  stage.expect('sender: exit status', await sender.ended, 0);
  stage.expect('sender: output', sender.stdout, text);
}

async function expectReceiver(stage, receiver, { received = RECEIVED, work = '' } = {}) {
  stage.expect('receiver: exit status', await receiver.ended, 0);
  expectReceiverOutput(stage, receiver, received, work);
}

function expectReceiverOutput(stage, receiver, received, work) {
  stage.expect('receiver: what it received', pick(receiver, 'received'), received);
  stage.expect('receiver: its work', pick(receiver, 'work'), work);
  stage.expect('receiver: nothing else', receiver.stdout.length, received.length + work.length);
}

const exchange =
  (mode, ...receiverArgs) =>
  async (stage) => {
    // Three time-outs of a second may be due.
    stage.hangMs *= 2;
    const receiver = await startReceiver(stage, ...receiverArgs);
    await expectSender(stage, startSender(stage, receiver, mode));
    await expectReceiver(stage, receiver, { work: receiverArgs[0] === 'async' ? WORK : '' });
  };

async function expectReceiverMissed(stage, sender, text) {
  stage.expect('sender without its receiver: exit status', await sender.ended, 3);
  stage.expect('sender without its receiver: output', sender.stdout, text);
  stage.expect('sender without its receiver: says why', saysWhy(sender), true);
}

/** An alarm may come at any time, so nobody has to wait here until the five seconds are over. */
async function alarmUntilOver(stage, receiver) {
  while (!receiver.isOver) {
    receiver.kill('SIGALRM');
    await Promise.race([receiver.ended, stage.sleep(400)]);
  }
}

/** An alarm kills a program without handler: before it has installed one, and when Node, as it ends, has taken it away. */
function expectNotKilledByAlarm(stage, program, first, last) {
  const isEarlyOrLate = !program.stdout.includes(first) || program.stdout.includes(last);
  stage.expect('killed by an alarm when it had a handler', isEarlyOrLate, true);
}

/** The receiver of a sender that is over, or was killed. */
async function expectSenderMissed(stage, sender, receiver) {
  const isKilled = (await sender.ended) !== 0;
  await alarmUntilOver(stage, receiver);
  const status = await receiver.ended;
  const hadAll = receiver.stdout === MANY_RECEIVED;
  expectOnlyReceived(stage, sender, receiver);
  if (status === 'SIGALRM') return stage.expect('receiver: killed as it ended', hadAll || saysWhy(receiver), true);
  const ifMissed = receiver.stdout === '' ? 2 : 3;
  stage.expect('receiver: exit status', status, ...(isKilled ? [ifMissed] : []), ...(hadAll ? [0] : []));
  if (status !== 0) stage.expect('receiver: says why', saysWhy(receiver), true);
}

export default {
  'sync to sync': exchange('sync', 'sync'),
  'sync to async': exchange('sync', 'async'),
  'async to sync': exchange('async', 'sync'),
  "async to async, and a stranger's queue": (stage) => {
    stage.makeStrangersQueue(77);
    return exchange('async', 'async')(stage);
  },
  'no receiver': async (stage) => {
    stage.write('mailbox.key', '');
    const sender = stage.start('sender', ['12345', 'sync', '3']);
    stage.expect('sender: exit status', await sender.ended, 2);
    stage.expect('sender: output', sender.stdout, '');
    stage.expect('sender: says why', saysWhy(sender), true);
  },
  'no sender': async (stage) => {
    const receiver = await startReceiver(stage, 'async');
    await receiver.says('work 3\n');
    await alarmUntilOver(stage, receiver);
    const status = await receiver.ended;
    stage.expect('receiver: exit status', status, 2, ...(saysWhy(receiver) ? ['SIGALRM'] : []));
    expectReceiverOutput(stage, receiver, '', WORK);
    stage.expect('receiver: says why', saysWhy(receiver), true);
  },
  'the queue is removed': async (stage) => {
    const { receiver, sender } = await startMany(stage);
    stage.removeQueues();
    const status = await sender.ended;
    // It comes too late; or it is ready, and the queue, too, was needed no more.
    stage.expect('sender: exit status', status, 3, 2, ...(sender.stdout === MANY_SENT ? [0] : []));
    if (status !== 0) stage.expect('sender: says why', saysWhy(sender), true);
    stage.expect('receiver: exit status', await receiver.ended, 0);
    expectOnlyReceived(stage, sender, receiver);
  },
  'the queue of a receiver is removed while it works': async (stage) => {
    const receiver = await startReceiver(stage, 'async');
    await stage.sleep(5);
    stage.removeQueues();
    await expectReceiver(stage, receiver, { received: '', work: WORK });
  },
  'alarms of the sender': async (stage) => {
    const count = 20;
    const numbers = toNumbers(count);
    const allSent = `${toLines('sent', numbers)}${count} acknowledged\n`;
    const receiver = await startReceiver(stage, 'sync');
    const sender = startSender(stage, receiver, 'sync', count);
    await sender.says('sent 1\n');
    // Not a third one: it might be the third in a row.
    for (let alarms = 0; alarms < 2; alarms++) {
      await stage.sleep(5);
      sender.kill('SIGALRM');
    }
    if ((await sender.ended) === 'SIGALRM') {
      expectNotKilledByAlarm(stage, sender, 'sent 1\n', `${count} acknowledged\n`);
      await alarmUntilOver(stage, receiver);
      return;
    }
    await expectSender(stage, sender, allSent);
    await expectReceiver(stage, receiver, { received: toLines('received', numbers) });
  },
  'an alarm of the receiver': async (stage) => {
    const receiver = await startReceiver(stage, 'sync');
    const sender = startSender(stage, receiver, 'sync');
    await stage.sleep(stage.usualMs('sync to sync'));
    receiver.kill('SIGALRM');
    if ((await receiver.ended) === 'SIGALRM') {
      expectNotKilledByAlarm(stage, receiver, 'received 1\n', 'received 3\n');
      return;
    }
    await expectReceiver(stage, receiver);
    await expectSender(stage, sender);
  },
  'the sender is killed': async (stage) => {
    const { receiver, sender } = await startMany(stage);
    sender.kill('SIGKILL');
    await expectSenderMissed(stage, sender, receiver);
  },
  'an asynchronous sender, and the receiver is dead': async (stage) => {
    const receiver = await startReceiver(stage, 'sync');
    receiver.kill('SIGKILL');
    await receiver.ended;
    const sender = startSender(stage, receiver, 'async');
    await sender.says('sent 3\n');
    await stage.expectToSleep('sender', sender);
    await expectReceiverMissed(stage, sender, SENT);
  },
  'a lost acknowledgement': exchange('sync', 'sync', 'lose-ack', '2'),
  'the receiver is killed': async (stage) => {
    const { receiver, sender } = await startMany(stage);
    receiver.kill('SIGKILL');
    await receiver.ended;
    const status = await sender.ended;
    stage.expect('sender: exit status', status, 3, ...(sender.stdout === MANY_SENT ? [0] : []));
    if (status !== 0) stage.expect('sender: says why', saysWhy(sender), true);
    // Only what was received, and printed, was acknowledged.
    expectOnlyReceived(stage, sender, receiver);
  },
  'lost items and acknowledgements': exchange('sync', 'sync', 'lose-item', '1', 'lose-ack', '2', 'lose-item', '3'),
};
