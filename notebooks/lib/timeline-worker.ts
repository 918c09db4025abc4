import { interruptTimeline } from '../../src/study/interrupt-timeline.ts';
import { UserError } from '../../src/study/user-error.ts';
import type { Asked } from './ask.ts';
import { type Job, studyOf } from './job.ts';

/** Asks for the `nth` interrupt of a run; the answer is an InterruptTimeline. */
export interface TimelineQuestion {
  readonly job: Job;
  readonly nth: number;
}

addEventListener('message', ({ data: { id, question: { job, nth } } }: MessageEvent<Asked<TimelineQuestion>>) => {
  try {
    const { scenario, costs } = studyOf(job);
    postMessage({ id, answer: interruptTimeline(scenario, costs, nth) });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    postMessage({ id, refused: error.message });
  }
});
