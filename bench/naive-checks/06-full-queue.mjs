const ITEM_BYTES = 4;
const COUNT = 8;
const toNumbers = (first, last) => Array.from({ length: last - first + 1 }, (_, index) => first + index);
const toOutput = (numbers) => `${numbers.map((number) => `item ${number}\n`).join('')}end\n`;

async function startProducer(stage, policy, count, queues = 1) {
  stage.write('buffer.key', '');
  const producer = stage.start('producer', [policy, String(count)]);
  await stage.waitUntil(() => stage.listQueues().length >= queues || producer.isOver);
  return producer;
}

async function expectBothEnd(stage, producer, consumer) {
  stage.expect('producer: exit status', await producer.ended, 0);
  stage.expect('consumer: exit status', await consumer.ended, 0);
  stage.expect('producer: output', producer.stdout, '');
}

/** Nothing is lost. */
const receiveAll = (policy, count, room) => async (stage) => {
  if (room) stage.limitQueues(room * ITEM_BYTES);
  const isConfirmed = policy === 'confirm';
  const producer = await startProducer(stage, policy, count, isConfirmed ? 2 : 1);
  await stage.sleep(50);
  const consumer = stage.start('consumer', isConfirmed ? ['confirm'] : []);
  await expectBothEnd(stage, producer, consumer);
  stage.expect('consumer: output', consumer.stdout, toOutput(toNumbers(1, count)));
};

/** The consumer is started when the producer waits for room: most often for the end. */
const receiveLate = (policy, room, expected) => async (stage) => {
  stage.limitQueues(room * ITEM_BYTES);
  const producer = await startProducer(stage, policy, COUNT);
  await stage.waitUntil(() => stage.countMessages() >= room || producer.isOver);
  const isSettled = (await stage.expectToSleep('producer', producer)) || producer.isOver;
  const consumer = stage.start('consumer');
  await expectBothEnd(stage, producer, consumer);
  if (isSettled || policy === 'wait') stage.expect('consumer: output', consumer.stdout, toOutput(expected));
  else expectSome(stage, consumer, [], COUNT);
};

/** Which items are given up is a matter of time, but not all: `always` are received. */
const receiveSome = (policy, room, count, always) => async (stage) => {
  stage.limitQueues(room * ITEM_BYTES);
  const producer = await startProducer(stage, policy, count);
  const consumer = stage.start('consumer');
  await expectBothEnd(stage, producer, consumer);
  expectSome(stage, consumer, always, count);
};

function expectSome(stage, consumer, always, count) {
  const numbers = [...consumer.stdout.matchAll(/^item (\d+)$/gm)].map(([, number]) => Number(number));
  stage.expect('consumer: output', consumer.stdout, toOutput(numbers));
  const isInOrder = numbers.every((number, index) => number > (numbers[index - 1] ?? 0) && number <= count);
  stage.expect('consumer: in order', isInOrder, true);
  for (const number of always) stage.expect(`consumer: has item ${number}`, numbers.includes(number), true);
}

/** It waits for items when the producer is held for a while. */
async function holdProducer(stage) {
  const count = 20_000;
  stage.hangMs *= 2;
  const producer = await startProducer(stage, 'wait', count);
  const consumer = stage.start('consumer');
  await consumer.says('item 1\n');
  producer.kill('SIGSTOP');
  await stage.waitUntil(() => stage.countMessages() === 0);
  await stage.expectToSleep('consumer', consumer);
  producer.kill('SIGCONT');
  await expectBothEnd(stage, producer, consumer);
  stage.expect('consumer: has all', consumer.stdout === toOutput(toNumbers(1, count)), true);
}

export default {
  'room for all': receiveAll('wait', 5),
  'wait, room for three': receiveLate('wait', 3, toNumbers(1, COUNT)),
  'discard, room for three': receiveLate('discard', 3, [1, 2, 3]),
  'discard, room for one': receiveLate('discard', 1, [1]),
  'overwrite, room for three': receiveLate('overwrite', 3, [6, 7, 8]),
  'overwrite, room for one': receiveLate('overwrite', 1, [8]),
  'confirm, room for two': receiveAll('confirm', COUNT, 2),
  'discard while the consumer receives': receiveSome('discard', 3, 500, [1, 2, 3]),
  'overwrite while the consumer receives': receiveSome('overwrite', 3, 500, [500]),
  'wait, and the consumer waits, too': holdProducer,
};
