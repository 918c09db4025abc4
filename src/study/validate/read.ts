import { collect } from './collect.ts';
import type { Counted } from './estimate.ts';
import { readLinuxRecording } from './linux-recording.ts';
import { givenText, modelInput, type ModelInput } from './model-input.ts';
import type { RecordingPlace } from './places.ts';
import { disagreements, type Quantities, recordedQuantities, windowSeconds } from './quantities.ts';
import { readSel4Recording } from './sel4-recording.ts';

/** What is kept of a recording once it has been read. Plain data. */
export interface ReadRecording {
  readonly place: RecordingPlace;
  /** Of its contents; empty where nothing is predicted from it. */
  readonly hash: string;
  readonly recorded: Quantities;
  /** Length of the recorded window, virtual time. */
  readonly seconds: number;
  readonly warnings: readonly string[];
  /** Null for a shape that is only read. */
  readonly model: { readonly input: ModelInput; readonly given: readonly string[]; readonly counted: Counted } | null;
  /** Why nothing can be predicted; null where something can. */
  readonly unpredicted: string | null;
}

const LINUX = 'the model\'s Linux is 4.9 for ia32 with costs in cycles of the paper\'s machine; this is 6.1 for amd64 in instruction time, of which no pieces are counted';

/** Reads a recording of either shape, once. @throws UserError naming file and place. */
export async function readAny(place: RecordingPlace): Promise<ReadRecording> {
  if (place.shape === 'linux-e1000e') {
    const { quantities, seconds } = await readLinuxRecording(place);
    return { place, hash: '', recorded: quantities, seconds, warnings: [], model: null, unpredicted: LINUX };
  }
  const recording = await readSel4Recording(place);
  const { hash, setup, wire } = recording;
  const warnings = [...disagreements(recording), ...unplaced(recording)];
  if (recording.accesses === null) warnings.push('there is no device-access.csv: device accesses are not compared');
  const counted = { hash, name: place.name, statistics: collect(recording) };
  const recorded = recordedQuantities(recording);
  const model = { input: modelInput({ setup, wire }), given: givenText(setup), counted };
  const unpredicted = model.input.frames.t.length === 0 && received(recorded) ? 'frames came in, and there is no capture of them that can be placed in time' : null;
  return { place, hash, recorded, seconds: windowSeconds(recording), warnings, model, unpredicted };
}

/** Whether frames were taken from the ring: descriptors were given back; where device accesses were not recorded, the NIC interrupted more often than now and then. */
function received(recorded: Quantities): boolean {
  return (recorded.get('RDT writes') ?? recorded.get('NIC interrupts/s') ?? 0) > 1;
}

function unplaced({ wire, setup }: Pick<Awaited<ReturnType<typeof readSel4Recording>>, 'wire' | 'setup'>): string[] {
  if (wire !== null && wire.frames.length > 0 && setup.wireOffset === null) return ['the clock offset of the capture is not known: the model is given no frames'];
  return [];
}
