import { UserError } from '../../src/study/user-error.ts';
import { TraceError } from '../../src/trace/trace-error.ts';
import type { Answer, Request } from './protocol.ts';
import { type Recordings, runJob } from './quick.ts';

/** The request that is being worked on. */
let current = 0;
const recordings: Recordings = new Map();

const channel = new MessageChannel();
let resume: () => void = () => {};
channel.port1.addEventListener('message', () => resume());
channel.port1.start();

/** Lets messages in that have come meanwhile; a timer would wait 4 ms. */
async function letMessagesIn(): Promise<void> {
  await new Promise<void>((resolve) => {
    resume = resolve;
    channel.port2.postMessage(null);
  });
}

function answer(message: Answer): void {
  postMessage(message);
}

async function work({ id, jobs, batch }: Request): Promise<void> {
  current = id;
  const begun = performance.now();
  for (const [index, job] of jobs.entries()) {
    await letMessagesIn();
    if (current !== id) return;
    try {
      const result = await runJob(job, batch, recordings);
      if (current !== id) return;
      answer({ id, kind: 'result', index, result });
    } catch (error) {
      if (!(error instanceof UserError || error instanceof TraceError)) throw error;
      answer({ id, kind: 'refused', message: error.message });
      return;
    }
  }
  answer({ id, kind: 'done', milliseconds: performance.now() - begun });
}

addEventListener('message', ({ data }: MessageEvent<Request>) => void work(data));
