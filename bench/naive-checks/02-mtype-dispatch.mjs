function startServer(stage) {
  stage.write('dispatch.key', '');
  return stage.start('server');
}

async function startDispatch(stage) {
  const server = startServer(stage);
  await stage.waitForQueue(server);
  await stage.sleep(20);
  return server;
}

async function stopDispatch(stage, server) {
  server.kill('SIGTERM');
  stage.expect('server: exit status', await server.ended, 0);
}

async function expectClient(stage, client, text) {
  stage.expect('client: exit status', await client.ended, 0);
  stage.expect('client: output', client.stdout, text);
}

export default {
  'three clients': async (stage) => {
    const server = await startDispatch(stage);
    const texts = [
      ['normal', 'alpha', 'beta'],
      ['normal', 'gamma', 'delta'],
      ['urgent', 'epsilon', 'zeta'],
    ];
    const clients = [];
    for (const args of texts) {
      clients.push(stage.start('client', args));
      await stage.sleep(10);
    }
    for (const [index, [, ...words]] of texts.entries())
      await expectClient(stage, clients[index], words.map((word) => `${word.toUpperCase()}\n`).join(''));
    await stopDispatch(stage, server);
  },
  'one client': async (stage) => {
    const server = await startDispatch(stage);
    await expectClient(stage, stage.start('client', ['normal', 'hello', 'hi']), 'HELLO\nHI\n');
    await stopDispatch(stage, server);
  },
  "a stranger's queue": async (stage) => {
    stage.makeStrangersQueue(68);
    const server = await startDispatch(stage);
    await expectClient(stage, stage.start('client', ['urgent', 'hello', 'hi']), 'HELLO\nHI\n');
    await stopDispatch(stage, server);
  },
  'second server': async (stage) => {
    const first = await startDispatch(stage);
    const client = stage.start('client', ['normal', 'hello', 'hi']);
    await stage.sleep(20);
    const second = stage.start('server');
    stage.expect('second server: exit status', await second.ended, 1);
    stage.expect('second server: says why', second.stderr.trim() !== '', true);
    await expectClient(stage, client, 'HELLO\nHI\n');
    await stopDispatch(stage, first);
  },
  'no server': async (stage) => {
    stage.write('dispatch.key', '');
    stage.expect('client: exit status', await stage.start('client', ['normal', 'hello']).ended, 2);
  },
  'SIGTERM while clients wait': async (stage) => {
    const server = startServer(stage);
    const told = stage.sleep(stage.usualMs('three clients')).then(() => server.kill('SIGTERM'));
    await stage.waitForQueue(server);
    const clients = ['normal', 'urgent'].map((priority) => stage.start('client', [priority, 'hello']));
    // One that comes before the handler is installed ends it.
    stage.expect('server: exit status', await server.ended, 0, 'SIGTERM');
    for (const client of clients) {
      const status = await client.ended;
      stage.expect('client: exit status', status, 0, 1, 2);
      if (status === 0) stage.expect('client: output', client.stdout, 'HELLO\n');
    }
    await told;
  },
  'a client is killed': async (stage) => {
    const server = await startDispatch(stage);
    const [killed, other] = ['hi', 'ho'].map((word) => stage.start('client', ['normal', 'hello', word]));
    await stage.sleep(stage.usualMs('one client'));
    killed.kill('SIGKILL');
    await killed.ended;
    await expectClient(stage, other, 'HELLO\nHO\n');
    await stopDispatch(stage, server);
  },
};
