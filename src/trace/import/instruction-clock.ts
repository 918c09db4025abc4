import type { TraceOrigin } from '../metadata.ts';

/** Origin of a trace that an instruction-counting plugin of QEMU has recorded: its files do not say how long an instruction takes. */
export function instructionOrigin(first: number, command: string, notes: string): TraceOrigin {
  return {
    clock: {
      domain: 'virtual', unit: 'instructions', picoseconds: { numerator: 4000, denominator: 1 }, origin: String(first),
      originMeaning: 'instructions executed since power-on of the emulated machine',
    },
    loop: 'closed',
    producer: { name: 'QEMU instruction-counting plugin', version: 'unknown' },
    recorded: { command, scenario: null, notes: `${notes} One instruction is taken as 4 ns (-icount shift=2), which the file itself does not say.` },
  };
}
