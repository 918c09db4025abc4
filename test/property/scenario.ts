import fc from 'fast-check';
import type { PacingName } from '../../src/load/pacing/pacing.ts';
import type { Scenario } from '../../src/study/simulate.ts';
import type { System } from '../../src/study/system.ts';

/** Any mix of Rumprun's parts: also bare metal with messages and HPET, seL4 with I/O APIC and PIT. */
export const system: fc.Arbitrary<System> = fc.record({
  name: fc.constant('mix'),
  title: fc.constant('any mix of parts'),
  kernel: fc.constantFrom('sel4' as const, 'bare-metal' as const),
  controller: fc.constantFrom('pic' as const, 'ioapic' as const, 'msi' as const),
  timer: fc.constantFrom('pit' as const, 'hpet' as const),
  hpetDelivery: fc.constantFrom('msi' as const, 'ioapic' as const),
  nic: fc.record({
    rxDescriptors: fc.constantFrom(8, 16, 64, 256, 4096),
    itr: fc.constantFrom(0, 100, 500, 1500, 6000),
    rdtr: fc.constantFrom(0, 0, 1, 30, 375),
    radv: fc.constantFrom(0, 1, 30, 375),
    tidv: fc.constantFrom(0, 8, 375),
    tadv: fc.constantFrom(0, 32, 375),
    rxBufferBytes: fc.constantFrom(0, 3000, 20_480),
  }),
  socket: fc.record({
    bufferBytes: fc.constantFrom(16_384, 87_380, 218_452),
    autosize: fc.boolean(),
    windowScale: fc.constantFrom(0, 3, 7),
    blockBytes: fc.constantFrom(1024, 65_536, 131_072),
  }),
});

/** 50 to 300 ms of any load. */
export const scenario: fc.Arbitrary<Scenario> = fc.record({
  system,
  loadMbps: fc.integer({ min: 10, max: 950 }),
  pacing: fc.constantFrom<PacingName>('fq', 'even', 'onoff'),
  duration: fc.integer({ min: 50, max: 300 }).map((ms) => ms / 1000),
  warmup: fc.constantFrom(0, 0, 0.01),
  seed: fc.nat(1000),
  run: fc.nat(10),
});
