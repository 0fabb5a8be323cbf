// Brought into failoverd from outside (NODE_OPTIONS): with SIGUSR2 it says on stderr what keeps its main thread awake, by kind,
// and what the heap of each thread holds after a collection, in bytes.
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BroadcastChannel, isMainThread, threadId, threadName } from 'node:worker_threads';

const channel = new BroadcastChannel('resources');

function liveBytes() {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return getHeapStatistics().used_heap_size;
}

if (isMainThread) watchMainThread();
else {
  channel.onmessage = ({ data }) => {
    if (data === 'tell') channel.postMessage({ threadId, name: threadName, bytes: liveBytes() });
  };
  channel.unref();
}

function watchMainThread() {
  const workers = new Map();
  process.on('worker', (worker) => {
    const id = worker.threadId;
    workers.set(id, worker);
    worker.once('exit', () => workers.delete(id));
  });
  process.on('SIGUSR2', async () => {
    const resources = {};
    for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
    const heaps = [{ name: 'main', bytes: liveBytes() }, ...(await told())];
    process.stderr.write(`${JSON.stringify({ resources, heaps })}\n`);
  });

  /** What the threads say that live as long as this takes. */
  function told() {
    const { promise, resolve } = Promise.withResolvers();
    const heaps = [];
    const waiting = new Map(workers);
    const look = () => {
      if ([...waiting.keys()].some((id) => workers.has(id))) return;
      clearInterval(looking);
      channel.onmessage = null;
      resolve(heaps);
    };
    const looking = setInterval(look, 20);
    channel.onmessage = ({ data: { threadId, name, bytes } }) => {
      if (waiting.delete(threadId)) heaps.push({ name, bytes });
    };
    channel.unref();
    channel.postMessage('tell');
    return promise;
  }
}
