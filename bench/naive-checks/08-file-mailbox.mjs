import { existsSync, readFileSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const TWO = [
  ['a1', 2, 30],
  ['a2', 1, 7],
];
// So many that there is time to do something in the middle of it.
const MANY = createOrders('m', 100);

function createOrders(letter, count) {
  return Array.from({ length: count }, (_, index) => [`${letter}${index + 1}`, index + 1, 3]);
}

// No process has this pid.
const LATE_CLAIM = 'later.json.999999';

const FOREIGN = {
  'import/README.txt': 'Messages for the importer. This file is none.\n',
  'import/.orders.json': '{ "not": "for you" }',
};

const isMessageName = (name) => /^[^.].*\.json$/.test(name);
const isClaimName = (name) => /^[^.].*\.json\.\d+$/.test(name);
const getIds = (orders) => orders.map(([id]) => id);
const listMessages = (stage, folder) => stage.list(folder).filter(isMessageName);
const toMessage = ([id, quantity, price]) => JSON.stringify({ id, quantity, price });

function makeFolders(stage) {
  for (const [name, text] of Object.entries(FOREIGN)) stage.write(name, text);
  for (const folder of ['work', 'done']) stage.write(`${folder}/.keep`, '');
}

const startProducer = (stage, orders) =>
  stage.start(
    'producer',
    orders.map((order) => order.join(':')),
  );

async function expectSent(stage, producer, orders) {
  stage.expect('producer: exit status', await producer.ended, 0);
  const lines = getIds(orders).map((id) => `sent ${id}`);
  expectSet(stage, 'producer: output', producer.stdout.split('\n').slice(0, -1), lines);
}

/** Of orders some of which were sent before: the README does not say whether `sent` is printed for these. */
async function expectSentAgain(stage, producer, orders) {
  stage.expect('producer: exit status', await producer.ended, 0);
  for (const [id] of orders) {
    const count = producer.stdout.split('\n').filter((line) => line === `sent ${id}`).length;
    stage.expect(`times that sent ${id} is printed`, count, 0, 1);
  }
}

async function expectImporter(stage, importer) {
  stage.expect('importer: exit status', await importer.ended, 0);
}

/** They have printed these between them, each one once, and nothing else. */
function expectImported(stage, importers, ids) {
  expectSet(
    stage,
    'importer: output',
    importers.flatMap(({ stdout }) => stdout.split('\n').slice(0, -1)),
    ids.map((id) => `imported ${id}`),
  );
  for (const { stdout } of importers) stage.expect('importer: output is whole lines', /^$|\n$/.test(stdout), true);
}

/** In any order. One difference is enough to read. */
function expectSet(stage, what, got, wanted) {
  const missing = wanted.filter((one) => !got.includes(one));
  const other = got.filter((one, index) => !wanted.includes(one) || got.indexOf(one) !== index);
  if (missing.length > 0) stage.differences.push(`${what}: ${missing[0]} is missing`);
  if (other.length > 0) stage.differences.push(`${what}: ${other[0]} is too much`);
}

/** Undefined if it is not there, or cannot be read. */
function readJson(stage, name) {
  try {
    return JSON.parse(stage.read(name));
  } catch {
    return undefined;
  }
}

function expectFolders(stage, orders) {
  for (const [name, text] of Object.entries(FOREIGN)) stage.expect(name, stage.read(name), text);
  expectSet(stage, 'messages left', listMessages(stage, 'import'), []);
  expectSet(stage, 'claims left', stage.list('work').filter(isClaimName), []);
  const names = getIds(orders).map((id) => `${id}.json`);
  expectSet(stage, 'results', listMessages(stage, 'done'), names);
  for (const [id, quantity, price] of orders) {
    const result = readJson(stage, `done/${id}.json`);
    stage.expect(
      `result of ${id}`,
      JSON.stringify([result?.id, result?.total]),
      JSON.stringify([id, quantity * price]),
    );
  }
}

/** What tells whether a result is made again: its inode and when it was written. */
function rememberResults(stage) {
  const seen = new Map();
  for (const name of listMessages(stage, 'done')) {
    const { ino, mtimeMs } = statSync(path.join(stage.folder, 'done', name));
    seen.set(name, `${ino} ${mtimeMs}`);
  }
  return seen;
}

function expectSameResults(stage, before) {
  const now = rememberResults(stage);
  for (const [name, what] of before) stage.expect(`done/${name} was made once`, now.get(name) === what, true);
}

/** Looks into the folders, again and again: whatever has its name there is whole. To be stopped by the function that it answers. */
function watchFolders(stage) {
  const stop = new AbortController();
  const look = (file) => {
    let text;
    try {
      text = readFileSync(path.join(stage.folder, file), 'utf8');
      JSON.parse(text);
    } catch {
      if (text !== undefined) stage.differences.push(`${file} is not whole: ${JSON.stringify(text)}`);
    }
  };
  const watching = (async () => {
    while (!stop.signal.aborted) {
      for (const folder of ['import', 'done'])
        for (const name of listMessages(stage, folder)) look(`${folder}/${name}`);
      await wait(1);
    }
  })();
  return async () => {
    stop.abort();
    await watching;
  };
}

/** Not before one of them is seen. */
async function waitForSome(stage, folder, program) {
  await stage.waitUntil(() => listMessages(stage, folder).length > 0 || program.isOver);
}

/** All at once, as it has to be. */
function put(stage, name, text) {
  stage.write('late', text);
  renameSync(path.join(stage.folder, 'late'), path.join(stage.folder, name));
}

/** The messages are in the mailbox, and nobody is at work. */
async function sendMany(stage) {
  makeFolders(stage);
  await expectSent(stage, startProducer(stage, MANY), MANY);
}

async function killInTheMiddle(stage, importer) {
  await waitForSome(stage, 'done', importer);
  await stage.sleep(20);
  importer.kill('SIGKILL');
  await importer.ended;
}

export default {
  plain: async (stage) => {
    makeFolders(stage);
    await expectSent(stage, startProducer(stage, TWO), TWO);
    const importer = stage.start('importer');
    await expectImporter(stage, importer);
    expectImported(stage, [importer], getIds(TWO));
    expectFolders(stage, TWO);
  },
  'importers come at any moment': async (stage) => {
    makeFolders(stage);
    const stop = watchFolders(stage);
    const producer = startProducer(stage, MANY);
    const importers = [];
    for (let count = 0; count < 2; count++) {
      await stage.sleep(stage.usualMs('plain') / 4);
      importers.push(stage.start('importer'));
    }
    await expectSent(stage, producer, MANY);
    for (const importer of importers) await expectImporter(stage, importer);
    importers.push(stage.start('importer'));
    await expectImporter(stage, importers[2]);
    await stop();
    expectImported(stage, importers, getIds(MANY));
    expectFolders(stage, MANY);
  },
  'two producers, and two importers': async (stage) => {
    makeFolders(stage);
    const others = createOrders('o', 100);
    const stop = watchFolders(stage);
    const producers = [MANY, others].map((orders) => ({ orders, program: startProducer(stage, orders) }));
    for (const { orders, program } of producers) await expectSent(stage, program, orders);
    const importers = [stage.start('importer'), stage.start('importer')];
    for (const importer of importers) await expectImporter(stage, importer);
    await stop();
    expectImported(stage, importers, getIds([...MANY, ...others]));
    expectFolders(stage, [...MANY, ...others]);
  },
  'what others have left': async (stage) => {
    makeFolders(stage);
    const [waits, claimed] = [
      ['old', 4, 4],
      ['older', 5, 5],
    ];
    stage.write('import/old.json', toMessage(waits));
    stage.write('work/older.json.999999', toMessage(claimed));
    const importers = [stage.start('importer'), stage.start('importer')];
    for (const importer of importers) await expectImporter(stage, importer);
    expectImported(stage, importers, ['old', 'older']);
    expectFolders(stage, [waits, claimed]);
  },
  'an order is sent again': async (stage) => {
    makeFolders(stage);
    await expectSent(stage, startProducer(stage, TWO), TWO);
    const importers = [stage.start('importer')];
    await stage.sleep(stage.usualMs('plain'));
    await expectSentAgain(stage, startProducer(stage, TWO), TWO);
    importers.push(stage.start('importer'));
    for (const importer of importers) await expectImporter(stage, importer);
    expectImported(stage, importers, getIds(TWO));
    const before = rememberResults(stage);
    await expectSentAgain(stage, startProducer(stage, TWO), TWO);
    const last = stage.start('importer');
    await expectImporter(stage, last);
    expectImported(stage, [last], []);
    expectSameResults(stage, before);
    expectFolders(stage, TWO);
  },
  'more comes meanwhile': async (stage) => {
    makeFolders(stage);
    const claimed = createOrders('c', 50);
    const sent = createOrders('s', 50);
    for (const order of sent) stage.write(`import/${order[0]}.json`, toMessage(order));
    for (const order of claimed) stage.write(`work/${order[0]}.json.999999`, toMessage(order));
    const importer = stage.start('importer');
    await waitForSome(stage, 'done', importer);
    // Whoever takes something from a folder looks into it once more afterwards.
    put(stage, 'import/late.json', toMessage(['late', 1, 1]));
    const isMessageDue = listMessages(stage, 'import').some((name) => name !== 'late.json');
    put(stage, `work/${LATE_CLAIM}`, toMessage(['later', 1, 1]));
    const isClaimDue = stage.list('work').some((name) => name !== LATE_CLAIM && name.endsWith('.json.999999'));
    await expectImporter(stage, importer);
    if (isMessageDue)
      stage.expect('imports what came meanwhile', existsSync(path.join(stage.folder, 'done/late.json')), true);
    if (isClaimDue)
      stage.expect('takes over what was left meanwhile', existsSync(path.join(stage.folder, 'done/later.json')), true);
    const last = stage.start('importer');
    await expectImporter(stage, last);
    const all = [...sent, ...claimed, ['late', 1, 1], ['later', 1, 1]];
    expectImported(stage, [importer, last], getIds(all));
    expectFolders(stage, all);
  },
  'an importer pauses': async (stage) => {
    await sendMany(stage);
    const paused = stage.start('importer');
    await waitForSome(stage, 'done', paused);
    await stage.sleep(5);
    paused.kill('SIGSTOP');
    const other = stage.start('importer');
    await expectImporter(stage, other);
    paused.kill('SIGCONT');
    await expectImporter(stage, paused);
    expectImported(stage, [paused, other], getIds(MANY));
    expectFolders(stage, MANY);
  },
  'an importer is killed': async (stage) => {
    await sendMany(stage);
    const stop = watchFolders(stage);
    const killed = stage.start('importer');
    await killInTheMiddle(stage, killed);
    const before = rememberResults(stage);
    for (const line of killed.stdout.split('\n').filter(Boolean))
      stage.expect(`there is a result at ${line}`, before.has(`${line.replace('imported ', '')}.json`), true);
    const next = stage.start('importer');
    await expectImporter(stage, next);
    await stop();
    // What the dead one has made, but not printed, is printed by nobody.
    expectImported(
      stage,
      [next],
      getIds(MANY).filter((id) => !before.has(`${id}.json`)),
    );
    expectSameResults(stage, before);
    expectFolders(stage, MANY);
  },
  'one of two importers is killed': async (stage) => {
    await sendMany(stage);
    const [killed, other] = [stage.start('importer'), stage.start('importer')];
    await killInTheMiddle(stage, killed);
    const before = rememberResults(stage);
    await expectImporter(stage, other);
    await expectImporter(stage, stage.start('importer'));
    expectSameResults(stage, before);
    expectFolders(stage, MANY);
  },
  'the producer is killed': async (stage) => {
    makeFolders(stage);
    const stop = watchFolders(stage);
    const killed = startProducer(stage, MANY);
    const importers = [stage.start('importer')];
    await waitForSome(stage, 'import', killed);
    await stage.sleep(20);
    killed.kill('SIGKILL');
    await killed.ended;
    await expectSentAgain(stage, startProducer(stage, MANY), MANY);
    await expectImporter(stage, importers[0]);
    importers.push(stage.start('importer'));
    await expectImporter(stage, importers[1]);
    await stop();
    expectImported(stage, importers, getIds(MANY));
    expectFolders(stage, MANY);
  },
};
