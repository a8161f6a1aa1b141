const HELLO = 'Received 252!\n';

const signalHello = (signal, ofChild) => async (stage) => {
  const main = stage.start('main');
  if (ofChild) {
    const child = await main.waitForChild();
    await stage.sleep(5);
    if (child) stage.kill(child, signal);
  } else {
    await stage.sleep(stage.usualMs('plain'));
    main.kill(signal);
  }
  // How it ends does not matter then.
  await main.ended;
};

export default {
  plain: async (stage) => {
    const main = stage.start('main');
    stage.expect('exit status', await main.ended, 0);
    stage.expect('processes left', main.leftAtExit, 0);
    stage.expect('output', main.stdout, HELLO);
  },
  'SIGTERM to the parent': signalHello('SIGTERM', false),
  'SIGINT to the parent': signalHello('SIGINT', false),
  'SIGTERM to the child': signalHello('SIGTERM', true),
  'SIGINT to the child': signalHello('SIGINT', true),
};
