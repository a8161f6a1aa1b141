// So many that there is time to kill somebody in the middle of it; but a socket, which is what their stdout is, takes no more than about
// 270 lines if we are too slow to read them, and Node would then lose some at `_exit`.
const MANY = 45;

const startMain = (stage, producers, consumers, items) =>
  stage.start('main', [producers, consumers, items].map(String));

const listItems = (producer, items) =>
  Array.from({ length: items }, (_, index) => `item ${index + 1} of producer ${producer}`);

const listAllItems = (producers, items) =>
  Array.from({ length: producers }, (_, index) => listItems(index + 1, items)).flat();

/** `wanted`: line → [how often at least, how often at most]; there are no others. */
function expectLines(stage, text, wanted) {
  const counts = new Map([...wanted.keys()].map((line) => [line, 0]));
  for (const line of text.replace(/\n$/, '').split('\n')) counts.set(line, (counts.get(line) ?? 0) + 1);
  for (const [line, count] of counts) {
    const [least, most] = wanted.get(line) ?? [0, 0];
    if (count < least || count > most)
      stage.differences.push(`${JSON.stringify(line)} is printed ${count} times, not ${least} to ${most}`);
  }
}

const createWanted = (lines, least, most) => lines.map((line) => [line, [least, most]]);

const runWell = (producers, consumers, items) => async (stage) => {
  const main = startMain(stage, producers, consumers, items);
  stage.expect('exit status', await main.ended, 0);
  stage.expect('processes left', main.leftAtExit, 0);
  expectLines(stage, main.stdout, new Map(createWanted(listAllItems(producers, items), 1, 1)));
  stage.expect('stderr', main.stderr, '');
  return main;
};

/** { main, producers, consumers }: both pids; none if it was over before all were seen together. */
async function startMany(stage, producers, consumers) {
  const main = startMain(stage, producers, consumers, MANY);
  let children = [];
  await stage.waitUntil(() => {
    children = main.listChildren();
    return children.length === producers + consumers || main.isOver;
  });
  if (children.length !== producers + consumers) children = [];
  return { main, producers: children.slice(0, producers), consumers: children.slice(producers) };
}

const killConsumers = (producerCount, consumerCount) => async (stage) => {
  const { main, producers, consumers } = await startMany(stage, producerCount, consumerCount);
  let isCertain = false;
  for (const consumer of consumers) {
    await stage.sleep(20);
    stage.kill(consumer, 'SIGKILL');
    // There are no pills yet if main still has a producer: so the consumer was not at its end.
    if (main.listChildren().some((pid) => producers.includes(pid))) isCertain = true;
  }
  stage.expect('exit status', await main.ended, 0);
  stage.expect('processes left', main.leftAtExit, 0);
  // An item is sent again once for each death.
  const wanted = createWanted(listAllItems(producerCount, MANY), 1, 1 + consumers.length);
  expectLines(stage, main.stdout, new Map(wanted));
  const said = main.stderr.split('\n').filter(Boolean);
  if (isCertain) stage.expect('says something on stderr', said.length > 0, true);
  for (const line of said) stage.expect(`"at least once" in ${line}`, line.includes('at least once'), true);
};

async function killProducer(stage) {
  const { main, producers } = await startMany(stage, 2, 2);
  await stage.sleep(20);
  if (producers.length > 0) stage.kill(producers[0], 'SIGKILL');
  const status = await main.ended;
  const wanted = [...createWanted(listItems(1, MANY), 0, 1), ...createWanted(listItems(2, MANY), 1, 1)];
  expectLines(stage, main.stdout, new Map(wanted));
  const isMissing = listItems(1, MANY).some((line) => !main.stdout.includes(`${line}\n`));
  // It may have been killed when all its items were acknowledged, or not at all.
  stage.expect('exit status', status, 1, ...(isMissing ? [] : [0]));
  stage.expect('says something on stderr', main.stderr.trim() !== '', status === 1);
  stage.expect('processes left', main.leftAtExit, 0);
}

export default {
  plain: runWell(2, 2, 2),
  'more consumers than items': runWell(1, 3, 2),
  'one consumer': async (stage) => {
    const { stdout } = await runWell(3, 1, MANY)(stage);
    for (const producer of [1, 2, 3]) {
      const lines = stdout.split('\n').filter((line) => line.endsWith(` of producer ${producer}`));
      stage.expect(
        `items of producer ${producer} are in order`,
        lines.join('\n') === listItems(producer, MANY).join('\n'),
        true,
      );
    }
  },
  'many of each': runWell(3, 3, MANY),
  'room for one item and three replies': async (stage) => {
    stage.limitQueues(12);
    await runWell(2, 1, 4)(stage);
  },
  'the consumers are killed': killConsumers(2, 2),
  'the only consumer is killed': killConsumers(2, 1),
  'a producer is killed': killProducer,
};
