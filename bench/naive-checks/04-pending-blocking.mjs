async function startReceiver(stage) {
  stage.write('ledger.key', '');
  const receiver = stage.start('receiver');
  await stage.waitForQueue(receiver);
  return receiver;
}

const startSender = (stage, receiver, count) => stage.start('sender', [String(receiver.pid), String(count)]);

async function expectSent(stage, sender, count) {
  stage.expect('sender: exit status', await sender.ended, 0);
  stage.expect('sender: output', sender.stdout, `sent ${count}, booked ${count}\n`);
}

async function expectCounted(stage, receiver, text) {
  stage.expect('receiver: exit status', await receiver.ended, 0);
  stage.expect('receiver: output', receiver.stdout, text);
}

const count = (number) => async (stage) => {
  const receiver = await startReceiver(stage);
  await expectSent(stage, startSender(stage, receiver, number), number);
  await expectCounted(stage, receiver, `counted ${number}\n`);
};

/** Both sides of each balance are equal, and none is smaller than the one before. */
function expectBalances(stage, lines, most) {
  let last = 0;
  for (const line of lines) {
    const [, debits, credits] = /^balance (\d+) (\d+)$/.exec(line) ?? [];
    stage.expect(`receiver: '${line}' is a balance`, debits !== undefined && debits === credits, true);
    stage.expect(`receiver: '${line}' fits`, Number(debits) >= last && Number(debits) <= most, true);
    last = Number(debits);
  }
}

/** The first comes while the receiver waits for the hello, so at least one balance is printed. */
async function expectInterrupted(stage, receiver, most) {
  const status = await receiver.ended;
  const lines = receiver.stdout.split('\n').slice(0, -1);
  const counted = lines.indexOf(`counted ${most}`);
  stage.expect(`receiver: prints 'counted ${most}'`, counted >= 0, true);
  // Node takes the handlers away as it ends.
  if (counted >= 0) stage.expect('receiver: exit status', status, 0, 'SIGINT');
  else stage.expect('receiver: exit status', status, 0);
  stage.expect('receiver: prints a balance', lines.length > 1, true);
  expectBalances(
    stage,
    lines.filter((_, index) => index !== counted),
    most,
  );
}

export default {
  three: count(3),
  one: count(1),
  'no receiver': async (stage) => {
    stage.write('ledger.key', '');
    const sender = stage.start('sender', ['12345', '3']);
    stage.expect('sender: exit status', await sender.ended, 2);
    stage.expect('sender: output', sender.stdout, '');
    stage.expect('sender: says why', sender.stderr.trim() !== '', true);
  },
  'SIGINT before the sender': async (stage) => {
    const receiver = await startReceiver(stage);
    receiver.kill('SIGINT');
    await receiver.says('balance 0 0\n');
    await expectSent(stage, startSender(stage, receiver, 2), 2);
    await expectCounted(stage, receiver, 'balance 0 0\ncounted 2\n');
  },
  'SIGINT at any time': async (stage) => {
    const receiver = await startReceiver(stage);
    receiver.kill('SIGINT');
    const sender = startSender(stage, receiver, 3);
    await stage.sleep(stage.usualMs('three'));
    receiver.kill('SIGINT');
    await expectSent(stage, sender, 3);
    await expectInterrupted(stage, receiver, 3);
  },
  'SIGINT again and again': async (stage) => {
    stage.hangMs *= 4;
    const receiver = await startReceiver(stage);
    receiver.kill('SIGINT');
    const sender = startSender(stage, receiver, 100);
    while (!sender.isOver && !receiver.isOver) {
      await stage.sleep(5);
      receiver.kill('SIGINT');
    }
    await expectSent(stage, sender, 100);
    await expectInterrupted(stage, receiver, 100);
  },
  'the sender is killed': async (stage) => {
    const receiver = await startReceiver(stage);
    await stage.expectToSleep('receiver without sender', receiver);
    const sender = startSender(stage, receiver, 1000);
    await stage.waitUntil(() => stage.countMessages() > 1 || sender.isOver);
    sender.kill('SIGKILL');
    await stage.expectToSleep('receiver', receiver);
    // What it does then is not said.
    receiver.kill('SIGKILL');
    await receiver.ended;
    stage.removeQueues();
  },
  // On a busy machine each of them may take its time.
  'four hundred': (stage) => {
    stage.hangMs *= 4;
    return count(400)(stage);
  },
};
