import { join } from 'node:path';
import { Int64 } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PACING_NAMES } from '../../src/load/pacing/pacing.ts';
import { simulate } from '../../src/study/simulate.ts';
import { SYSTEMS, throttled } from '../../src/study/system.ts';
import { WireColumn } from '../../src/trace/format.ts';
import { MemorySink } from '../../src/trace/memory-sink.ts';
import { TraceReader } from '../../src/trace/reader.ts';
import { TraceReplay } from '../../src/trace/replay.ts';
import { COSTS, receiveSide, recorded, replayed, scenario, systemNamed } from './runs.ts';
import { folder, read, refusal, rewrite, write } from './traces.ts';

const dir = folder();
const wire = join(dir, 'wire.arrow');
const other = join(dir, 'other.arrow');

describe('a recorded run, replayed open loop into the same system', () => {
  test.each(SYSTEMS.flatMap((system) => PACING_NAMES.map((pacing) => ({ name: system.name, pacing }))))('$name, $pacing: is the same to the cycle', ({ name, pacing }) => {
    const run = scenario({ system: systemNamed(name), pacing });
    const plain = simulate(run, COSTS);
    const { result } = recorded(run, { wire });
    const again = replayed(run, wire);
    expect(receiveSide(result)).toEqual(receiveSide(plain));
    expect(receiveSide(again)).toEqual(receiveSide(plain));
    expect(again.fingerprint).toBe(plain.fingerprint);
    expect(again.ticks).toEqual(plain.ticks);
    expect([again.loop, again.warnings]).toEqual(['open', []]);
    expect([plain.loop, plain.warnings]).toEqual(['closed', []]);
    // The run did something.
    expect(plain.counters['frames.in']).toBeGreaterThan(1000);
  });

  test('whatever the NIC is set to, and when frames are lost', () => {
    const nic = fc.record({
      itr: fc.constantFrom(0, 50, 651, 1500, 3000), rdtr: fc.constantFrom(0, 10, 375), radv: fc.constantFrom(0, 20, 375), tidv: fc.constantFrom(0, 8, 375), tadv: fc.constantFrom(0, 32, 375),
      rxDescriptors: fc.constantFrom(16, 64, 256), rxBufferBytes: fc.constantFrom(2000, 20480),
    });
    const runs = fc.record({
      name: fc.constantFrom(...SYSTEMS.map((system) => system.name)), nic, pacing: fc.constantFrom(...PACING_NAMES), loadMbps: fc.constantFrom(50, 300, 950),
      warmup: fc.constantFrom(0, 0.03), seed: fc.nat(100), run: fc.nat(5),
    });
    fc.assert(
      fc.property(runs, ({ name, nic: settings, ...rest }) => {
        const run = scenario({ ...rest, system: { ...systemNamed(name), nic: settings }, duration: 0.08 });
        const { result } = recorded(run, { wire, hardware: other });
        expect(receiveSide(result)).toEqual(receiveSide(simulate(run, COSTS)));
        expect(receiveSide(replayed(run, wire))).toEqual(receiveSide(result));
      }),
      { numRuns: 40 },
    );
  });

  test('a replay that is recorded is the same trace', () => {
    const run = scenario();
    recorded(run, { wire });
    const source = new TraceReplay(new TraceReader(wire), { recorded: true });
    recorded(run, { wire: other }, source);
    source.close();
    expect(read(other).rows).toEqual(read(wire).rows);
  });
});

describe('a replay into something else', () => {
  test('is marked open loop and gives the same frames to another system', () => {
    const { result } = recorded(scenario(), { wire });
    const again = replayed(scenario({ system: systemNamed('bmk') }), wire);
    expect(again.loop).toBe('open');
    expect(again.system).toBe('bmk');
    expect(again.counters['frames.in']).toBe(result.counters['frames.in']);
    expect(again.utilisation).toBeLessThan(result.utilisation);
  });

  test('warns of dropped frames, of a machine that cannot keep up, of frames beyond its window, and of a trace that ends early', () => {
    const { system } = scenario();
    recorded(scenario({ loadMbps: 950 }), { wire });
    const small = replayed(scenario({ system: { ...system, nic: { ...system.nic, rxDescriptors: 8, rxBufferBytes: 2000 } } }), wire);
    expect(small.counters['frames.dropped']).toBeGreaterThan(0);
    expect(small.warnings[0]).toMatch(/^open loop: \d+ frames were dropped and not sent again; .* not valid$/);

    const slow = replayed(scenario({ system: { ...system, nic: throttled(system.nic, 0) }, warmup: 0.1 }), wire);
    expect(slow.utilisation).toBeGreaterThan(0.99);
    expect(slow.warnings.some((warning) => warning.includes('saturated'))).toBe(true);

    const narrow = replayed(scenario({ system: { ...system, socket: { ...system.socket, bufferBytes: 16384, autosize: false } } }), wire);
    expect(narrow.warnings.some((warning) => warning.includes('beyond the window'))).toBe(true);

    const long = replayed(scenario({ duration: 0.3 }), wire);
    expect(long.warnings).toEqual(['open loop: the trace ends at 0.15 s, the run at 0.3 s; nothing arrived in between']);
  });
});

describe('a trace that cannot be replayed', () => {
  const replay = (file: string) => () => replayed(scenario(), file);

  test('is refused before anything is simulated when it is of another kind', () => {
    write(other, 'hardware', [[1, 0, 0, 0, 0]]);
    expect(refusal(replay(other))).toContain('this is a hardware trace; give a wire trace');
  });

  test('ends the run with the row that is wrong', () => {
    const rows = Array.from({ length: 100 }, (_, i) => [1e9 + i * 1e6, 0, 0, 1514, i * 1448, 1448, 0, 65535, 0, 0, 0, 0]);
    write(wire, 'wire', rows);
    rewrite(wire, other, { columns: { t: { type: new Int64(), values: (values) => values.with(60, 1n) } } });
    expect(refusal(replay(other))).toContain(`${other}: row 60: t 1 is before 1059000000 of the row before it`);
  });
});

describe('a recording of something else than a simulated run', () => {
  const ORIGIN = {
    clock: { domain: 'host', unit: 'ns', picoseconds: { numerator: 1000, denominator: 1 }, origin: '0', originMeaning: 'start' }, loop: 'closed',
    producer: { name: 'test', version: '1' }, recorded: { command: 'test', scenario: null },
  } as const;

  function arrivals(times: readonly number[], bytes: number): { readonly ticks: number[]; readonly warnings: readonly string[] } {
    const sink = new MemorySink('test', 'wire', ORIGIN);
    times.forEach((t, index) => {
      const row = sink.row(t);
      sink.columns.forEach((column, place) => {
        if (place > 0) column[row] = 0;
      });
      sink.columns[WireColumn.bytes]![row] = bytes;
      sink.columns[WireColumn.bytes + 1]![row] = index * 1448;
      sink.columns[WireColumn.bytes + 2]![row] = 1448;
    });
    const replay = new TraceReplay(sink.complete().open());
    const ticks = [...(replay.next()?.ticks ?? [])];
    return { ticks, warnings: replay.warnings(0) };
  }

  test('frames closer together than 1 Gb/s carries them arrive one by one, and catch up in a gap', () => {
    const { ticks, warnings } = arrivals([0, 100, 200, 100_000], 1514);
    // 1514 bytes and 24 of preamble, FCS and gap: 12,304 ns.
    expect(ticks.map((tick) => tick - ticks[0]!)).toEqual([0, 12_304_000, 24_608_000, 100_000_000]);
    expect(warnings.join()).toMatch(/2 frames were recorded closer together .* up to 24 us later/);
  });

  test('frames at line rate or below stay where they are', () => {
    const { ticks, warnings } = arrivals([0, 12_304, 30_000], 1514);
    expect(ticks.map((tick) => tick - ticks[0]!)).toEqual([0, 12_304_000, 30_000_000]);
    expect(warnings).toEqual([]);
  });
});
