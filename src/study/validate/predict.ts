import { type RecordedOutput, simulateRecording } from '../icount.ts';
import { mean } from '../statistics.ts';
import type { PieceEstimate } from './estimate.ts';
import type { ModelInput } from './model-input.ts';
import { NESTED, quantity, type Quantities } from './quantities.ts';

/** What the model says of a recording. Plain data. */
export interface Prediction {
  /** Mean over the phases. */
  readonly quantities: Quantities;
  /** Least and most that a phase gave. */
  readonly low: Quantities;
  readonly high: Quantities;
  readonly warnings: readonly string[];
}

/** The recorded driver gives back two descriptors for a frame, the model's one for both. */
const DESCRIPTORS_A_FRAME = 2;

/**
 * Simulates the recorded system from what it was given, with these pieces, and counts what recordings count. Where the kernel's tick and the rump kernel's clock stand when the first frame comes
 * is not on the wire: `phases` simulations differ in nothing else, and the prediction is their mean.
 */
export function predict(input: ModelInput, pieces: readonly PieceEstimate[], phases: number): Prediction {
  const values = Object.fromEntries(pieces.map(({ id, value }) => [id, value]));
  const outputs = Array.from({ length: phases }, (_, phase) => simulateRecording({ ...input, pieces: values, seed: phase + 1 }));
  const found = outputs.map((output) => predictedQuantities(output, input));
  const names = new Set(found.flatMap((each) => [...each.keys()]));
  const over = (reduce: (values: readonly number[]) => number): Quantities => new Map([...names].map((name) => [name, reduce(found.map((each) => each.get(name) ?? 0))]));
  return { quantities: over(mean), low: over((all) => Math.min(...all)), high: over((all) => Math.max(...all)), warnings: warningsOf(outputs) };
}

function warningsOf(outputs: readonly RecordedOutput[]): string[] {
  const leftOut = outputs[0]?.framesLeftOut ?? 0;
  const dropped = Math.max(...outputs.map(({ counters }) => counters['frames.dropped'] ?? 0));
  return [
    ...(leftOut === 0 ? [] : [`${leftOut} frames without TCP payload came in that the model does not replay`]),
    ...(dropped === 0 ? [] : [`the model dropped up to ${dropped} frames because its ring was full`]),
  ];
}

function predictedQuantities({ entries, counters, kernelInstructions, rumpInstructions, rootInstructions, busyShare, seconds }: RecordedOutput, { controller, timer }: ModelInput): Quantities {
  const counter = (name: string): number => counters[name] ?? 0;
  const found = new Map<string, number>();
  const transmits = counter('frames.out');
  const returned = (counter('mmio.nic.write') - transmits) * DESCRIPTORS_A_FRAME;
  const icr = counter('mmio.nic.read');
  found.set('NIC interrupts/s', entries.irq_nic.entries / seconds);
  found.set('timer interrupts/s', entries.irq_timer.entries / seconds);
  found.set('kernel ticks/s', entries.tick.entries / seconds);
  found.set('ICR reads', icr).set('RDT writes', returned).set('TDT writes', transmits).set('NIC register accesses', icr + returned + transmits);
  if (timer === 'hpet') found.set('HPET reads', counter('mmio.hpet.read')).set('HPET writes', counter('mmio.hpet.write'));
  if (controller === 'pic' || timer === 'pit') found.set('port reads', counter('port.read')).set('port writes', counter('port.write'));
  // An input of the second chip needs an end of interrupt at both.
  if (controller === 'pic') found.set('PIC EOIs', 2 * entries.irq_nic.entries + entries.irq_timer.entries);
  else found.set('I/O APIC writes', counter('mmio.ioapic.write'));
  found.set('local APIC EOIs', counter('mmio.lapic.write'));
  let total = 0;
  for (const [name, { entries: count, instructions }] of Object.entries(entries)) {
    // The rest of an entry that was interrupted is no entry of its own.
    if (name !== NESTED) total += count;
    found.set(quantity.entries(name), count).set(quantity.instructions(name), instructions);
  }
  found.set('kernel entries', total).set('kernel instructions', kernelInstructions);
  found.set('user instructions: rump', rumpInstructions).set('user instructions: root', rootInstructions).set('busy share', busyShare);
  return found.set('frames in', counter('frames.in')).set('data frames in', counter('frames.in')).set('frames out', transmits);
}
