import type { RecordedInput } from '../icount.ts';
import type { Sel4Recording } from './sel4-recording.ts';
import type { Setup } from './setup.ts';

/** All that a prediction is given of a recording: what came in on the wire, and how the machine was set up. Plain data. */
export type ModelInput = Omit<RecordedInput, 'pieces' | 'seed'>;

/** What the model is given of a recording. Without a capture that can be placed in the window nothing comes in. */
export function modelInput({ setup, wire }: Pick<Sel4Recording, 'setup' | 'wire'>): ModelInput {
  const { controller, timer, nsPerInstruction, itr, descriptors, receiveBuffer } = setup;
  const settings = { controller: controller.value, timer: timer.value, nsPerInstruction: nsPerInstruction.value, itr: itr.value, descriptors: descriptors.value, receiveBuffer: receiveBuffer.value };
  const span = Math.round((setup.window.to - setup.window.from) * nsPerInstruction.value);
  const inbound = (wire?.frames ?? []).filter((frame) => frame.inbound);
  if (wire === null || setup.wireOffset === null || inbound.length === 0) {
    const none = new Float64Array(0);
    return { ...settings, window: { from: 0, to: span }, frames: { t: none, bytes: none, payload: none, offset: none } };
  }
  // Virtual time is nsPerInstruction times the instructions, plus the offset; both are whole.
  const from = Number(BigInt(Math.round(setup.window.from * nsPerInstruction.value)) + setup.wireOffset - wire.origin);
  const begin = Math.min(inbound[0]?.t ?? 0, from);
  return {
    ...settings,
    window: { from: from - begin, to: from - begin + span },
    frames: {
      t: Float64Array.from(inbound, ({ t }) => t - begin),
      bytes: Float64Array.from(inbound, ({ bytes }) => bytes),
      payload: Float64Array.from(inbound, ({ payload }) => payload),
      offset: Float64Array.from(inbound, ({ offset }) => offset),
    },
  };
}

/** What was given, in words: name, value and what says so. */
export function givenText({ controller, timer, nsPerInstruction, itr, descriptors, receiveBuffer }: Setup): string[] {
  const tell = (what: string, known: { value: string | number; from: string }, unit = ''): string => `${what} ${known.value}${unit} (${known.from})`;
  return [
    tell('controller', controller), tell('timer', timer), tell('instruction', nsPerInstruction, ' ns'), tell('ITR', itr), tell('descriptors', descriptors), tell('receive buffer', receiveBuffer, ' bytes'),
  ];
}
