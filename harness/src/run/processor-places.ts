import { createServer, type Server } from 'node:net';
import { availableParallelism } from 'node:os';

/** For one engine, until it leaves. */
export interface Place {
  /** The number of a processor, among those that this process may use. */
  processor: number;
  leave(): void;
}

// More engines on one processor than anybody would start.
const MAX_ENGINES = 64;

/**
 * A processor for an engine to keep to: one with the fewest engines, of whatever grader on this machine, so that none has two while
 * another has none. Who is there first has bound a socket to the place's abstract name (unix(7)): the kernel gives it free when the
 * process ends, however it ends.
 * @param family those that count together
 */
export async function takePlace(family = 'ipclab-engine'): Promise<Place> {
  const processors = availableParallelism();
  // In another network namespace others count for themselves: so not all begin with the same one.
  const first = process.pid % processors;
  for (let engines = 0; engines < MAX_ENGINES; engines++) {
    for (let step = 0; step < processors; step++) {
      const processor = (first + step) % processors;
      const socket = await bind(`\0${family}-${processor}-${engines}`);
      if (socket === 'taken') continue;
      if (socket === 'refused') return { processor: first, leave: () => {} };
      return { processor, leave: () => void socket.close() };
    }
  }
  return { processor: first, leave: () => {} };
}

async function bind(name: string): Promise<Server | 'taken' | 'refused'> {
  return await new Promise((resolve) => {
    const server = createServer().unref();
    server.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'EADDRINUSE' ? 'taken' : 'refused'));
    server.listen(name, () => resolve(server));
  });
}
