import { TraceError } from '../../trace/trace-error.ts';
import { UserError } from '../user-error.ts';
import { readAny, type ReadRecording } from './read.ts';
import type { RecordingPlace } from './places.ts';
import { predict, type Prediction } from './predict.ts';
import type { ModelInput } from './model-input.ts';
import type { PieceEstimate } from './estimate.ts';

/** What a worker thread of `validate.ts` is asked for. */
export type ValidateTask = { readonly place: RecordingPlace } | { readonly input: ModelInput; readonly pieces: readonly PieceEstimate[]; readonly phases: number };

/** Its answer. The user's mistakes are data: the class of an error does not survive the crossing. */
export type ValidateAnswer =
  | { readonly recording: ReadRecording }
  | { readonly prediction: Prediction }
  | { readonly mistake: { readonly place: string; readonly problem: string; readonly remedy: string } };

/** Runs in a worker thread. */
export default async function answer(task: ValidateTask): Promise<ValidateAnswer> {
  try {
    return 'place' in task ? { recording: await readAny(task.place) } : { prediction: predict(task.input, task.pieces, task.phases) };
  } catch (error) {
    if (!(error instanceof UserError || error instanceof TraceError)) throw error;
    const { place, problem, remedy } = error;
    return { mistake: { place: error instanceof TraceError ? [error.file, place].filter((part) => part !== '').join(': ') : place, problem, remedy } };
  }
}
