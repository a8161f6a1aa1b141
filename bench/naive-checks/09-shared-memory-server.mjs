const TEXTS = ['hello', 'hi'];
// So many that there is time to kill somebody in the middle of it; of any length.
const MANY = Array.from({ length: 50 }, (_, index) => `text ${'abcdefgh '.repeat(index % 5)}${index}`);

const toOutput = (texts) => texts.map((text) => `${text.toUpperCase()}\n`).join('');
const countLines = (text) => text.split('\n').length - 1;
const startClients = (stage, count, texts) => Array.from({ length: count }, () => stage.start('client', texts));

function startServer(stage, workers) {
  stage.write('board.key', '');
  return stage.start('server', [String(workers)]);
}

/** However long that takes: one that hangs is ended. */
async function waitForBoard(stage, server) {
  while (stage.listQueues().length === 0 && !server.isOver) await stage.waitForQueue(server);
}

async function startBoard(stage, workers) {
  const server = startServer(stage, workers);
  await waitForBoard(stage, server);
  return server;
}

/** One line that differs is enough to read. */
function expectResults(stage, output, texts) {
  const [got, wanted] = [output, toOutput(texts)].map((text) => text.split('\n'));
  const index = wanted.findIndex((line, number) => got[number] !== line);
  if (index >= 0) stage.expect(`client: line ${index + 1} of its output`, got[index], wanted[index]);
  else stage.expect('client: lines of output', got.length, wanted.length);
}

async function expectClient(stage, client, texts) {
  stage.expect('client: exit status', await client.ended, 0);
  expectResults(stage, client.stdout, texts);
}

/** It may say that so many jobs were done, from `least` to `most`. */
function expectCount(stage, server, least, most) {
  const allowed = Array.from({ length: most - least + 1 }, (_, index) => `${least + index} jobs done\n`);
  stage.expect('server: output', server.stdout, ...allowed);
}

async function stopBoard(stage, server, least, most = least) {
  server.kill('SIGTERM');
  stage.expect('server: exit status', await server.ended, 0);
  stage.expect('processes left', server.leftAtExit, 0);
  expectCount(stage, server, least, most);
}

const serveClients = (workers, clients, texts) => async (stage) => {
  const server = await startBoard(stage, workers);
  for (const client of startClients(stage, clients, texts)) await expectClient(stage, client, texts);
  await stopBoard(stage, server, clients * texts.length);
};

/** Of a server that may be told to stop while it is at work: a client has all its results and ends with 0, or has the first ones. */
async function expectStoppedClient(stage, client, texts) {
  const status = await client.ended;
  stage.expect('client: exit status', status, 0, 1, 2);
  if (status === 0) expectResults(stage, client.stdout, texts);
  else stage.expect('client: output is the beginning', toOutput(texts).startsWith(client.stdout), true);
}

const killWorkers = (workers, isAtOnce) => async (stage) => {
  const server = await startBoard(stage, workers);
  const clients = startClients(stage, 2, MANY);
  await clients[0].says('\n');
  await stage.waitUntil(() => server.listChildren().length === workers || server.isOver);
  const victims = server.listChildren();
  for (const victim of victims) {
    if (!isAtOnce) await stage.sleep(20);
    else if (victim === victims[0]) await stage.sleep(40);
    stage.kill(victim, 'SIGKILL');
  }
  for (const client of clients) await expectClient(stage, client, MANY);
  const listSuccessors = () => server.listChildren().filter((pid) => !victims.includes(pid));
  await stage.waitUntil(() => listSuccessors().length === workers);
  stage.expect('workers in place of the killed ones', listSuccessors().length, workers);
  // A worker may be killed between its two writes to the memory, of the result and of the count.
  const jobs = clients.length * MANY.length;
  await stopBoard(stage, server, jobs - victims.length, jobs + victims.length);
};

export default {
  plain: serveClients(1, 1, TEXTS),
  'two workers and two clients': serveClients(2, 2, MANY),
  'three clients for two slots': serveClients(2, 3, MANY),
  'a client comes early': async (stage) => {
    const server = startServer(stage, 1);
    const clients = [];
    for (let count = 0; count < 3; count++) {
      await stage.sleep(stage.usualMs('plain') / 4);
      clients.push(stage.start('client', TEXTS));
    }
    let served = 0;
    for (const client of clients) {
      const status = await client.ended;
      stage.expect('client: exit status', status, 0, 2);
      stage.expect('client: output', client.stdout, status === 0 ? toOutput(TEXTS) : '');
      if (status === 0) served++;
    }
    await waitForBoard(stage, server);
    await stopBoard(stage, server, served * TEXTS.length);
  },
  'no server': async (stage) => {
    stage.write('board.key', '');
    const client = stage.start('client', TEXTS);
    stage.expect('client: exit status', await client.ended, 2);
    stage.expect('client: output', client.stdout, '');
  },
  'second server': async (stage) => {
    const first = await startBoard(stage, 1);
    const client = stage.start('client', MANY);
    await stage.sleep(stage.usualMs('plain') / 2);
    const second = stage.start('server', ['1']);
    stage.expect('second server: exit status', await second.ended, 1);
    stage.expect('second server: says one line on stderr', countLines(`${second.stderr.trim()}\n`), 1);
    stage.expect('second server: says why', second.stderr.trim() !== '', true);
    stage.expect('second server: output', second.stdout, '');
    await expectClient(stage, client, MANY);
    await stopBoard(stage, first, MANY.length);
  },
  'SIGTERM as soon as there is a queue': async (stage) => {
    const server = await startBoard(stage, 2);
    await stage.sleep(10);
    await stopBoard(stage, server, 0);
  },
  'SIGTERM while clients wait': async (stage) => {
    const server = startServer(stage, 1);
    const told = stage.sleep(stage.usualMs('two workers and two clients')).then(() => server.kill('SIGTERM'));
    await stage.waitForQueue(server);
    const clients = startClients(stage, 2, MANY);
    const status = await server.ended;
    // One that comes before the handler is installed ends it.
    stage.expect('server: exit status', status, 0, 'SIGTERM');
    stage.expect('processes left', server.leftAtExit, 0);
    for (const client of clients) await expectStoppedClient(stage, client, MANY);
    const printed = clients.reduce((total, { stdout }) => total + countLines(stdout), 0);
    // Each of them may have been stopped before it printed the result of its last job.
    if (status === 0) expectCount(stage, server, printed, printed + clients.length);
    else stage.expect('server: output', server.stdout, '');
    await told;
  },
  'the workers are killed': killWorkers(2, false),
  'the workers are killed at the same moment': killWorkers(2, true),
  'the only worker is killed': killWorkers(1, false),
  'a client is killed': async (stage) => {
    const server = await startBoard(stage, 2);
    const [killed, ...others] = startClients(stage, 3, MANY);
    await killed.says('\n');
    await stage.sleep(20);
    killed.kill('SIGKILL');
    await killed.ended;
    for (const client of others) await expectClient(stage, client, MANY);
    const jobs = others.length * MANY.length;
    await stopBoard(stage, server, jobs + countLines(killed.stdout), jobs + MANY.length);
  },
};
