import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { DEFAULT_PIECES } from '../../../src/study/icount-pieces.ts';
import { bundledStatistics, pack, unpack } from '../../../src/study/validate/bundled.ts';
import { collect } from '../../../src/study/validate/collect.ts';
import { estimatePieces } from '../../../src/study/validate/estimate.ts';
import { findRecordings } from '../../../src/study/validate/places.ts';
import { readSel4Recording } from '../../../src/study/validate/sel4-recording.ts';
import { solve } from '../../../src/study/validate/least-squares.ts';

const folder = fileURLToPath(new URL('recordings', import.meta.url));
const bundled = bundledStatistics();
const counted = await Promise.all(findRecordings([folder]).map(async (place) => {
  const recording = await readSel4Recording(place);
  return { hash: recording.hash, name: place.name, statistics: collect(recording) };
}));
const value = (estimates: ReturnType<typeof estimatePieces>, id: string): number => estimates.find((estimate) => estimate.id === id)?.value ?? NaN;

describe('pieces of the cut recordings', () => {
  test('nearly every instruction of the rump thread is in a run that is described', () => {
    // Frames and completions are not known before the first idle entry; 0.5 % is a run or two of each.
    for (const { statistics: { coverage } } of counted) expect(coverage.unexplained / coverage.rump).toBeLessThan(0.005);
  });

  test('agree with docs/instruction-counts.md', () => {
    const estimates = estimatePieces(counted, [], '');
    for (const [id, published] of [['isr.toFirstIcr', 354], ['isr.lastIcrToAck', 230], ['isr.tailNoWork.toIdle', 854], ['isr.tailRx.switch', 999], ['wm.rx.frame.recorded2desc', 2197.4], ['softint.runFixed', 1284.9], ['softint.ackSend', 3543.8],
      ['softint.ipTcpPerFrame', 4340.7], ['idle.exitSwitch', 201], ['idle.spuriousWake', 185], ['kernel.Call_slow', 1021], ['kernel.SetTLSBase', 120], ['kernel.IRQHandlerAck.pic', 516]] as const) {
      expect([id, Math.abs(value(estimates, id) / published - 1) < 0.01]).toEqual([id, true]);
    }
  });

  test('each fit gives back the instructions it was made of', () => {
    // Two descriptors a frame and blocks of 1,024 bytes: the sum over all softint and iperf runs, from the bundled coefficients alone.
    const others = estimatePieces(bundled, [], '');
    const softint = ['softint.runFixed', 'softint.ackSend'].map((id) => value(others, id));
    const perFrame = value(others, 'softint.etherPerFrame') + value(others, 'softint.ipTcpPerFrame');
    const iperf = ['iperf.runFixed', 'iperf.iteration', 'iperf.read.perMbuf', 'iperf.windowUpdateSend'].map((id) => value(others, id));
    for (const { statistics: { fits } } of counted) {
      // X'y of the constant term is the sum of the lengths; its row of X'X the sums of the terms.
      const sums = (name: 'softint' | 'iperf'): number[] => fits[name].xx.slice(0, fits[name].terms.length);
      const [runs = 0, frames = 0, acks = 0] = sums('softint');
      expect(Math.abs((runs * (softint[0] ?? 0) + frames * perFrame + acks * (softint[1] ?? 0)) / (fits.softint.xy[0] ?? 0) - 1)).toBeLessThan(0.005);
      expect(Math.abs(sums('iperf').reduce((sum, count, i) => sum + count * (iperf[i] ?? 0), 0) / (fits.iperf.xy[0] ?? 0) - 1)).toBeLessThan(0.02);
    }
  });
});

describe('leaving one out', () => {
  test('a recording is known by its content: it is left out of what comes with the program under whatever name', () => {
    const [first] = bundled;
    if (first === undefined) throw new Error('there are no bundled recordings');
    const renamed = [{ ...first, name: 'mine' }];
    expect(estimatePieces(renamed, bundled, first.hash)).toEqual(estimatePieces([], bundled.slice(1), ''));
  });

  test('the same recording twice counts once', () => {
    expect(estimatePieces([...counted, ...counted], bundled, '')).toEqual(estimatePieces(counted, bundled, ''));
  });

  test('a single recording is predicted from the bundled ones', () => {
    const [only] = counted;
    const estimates = estimatePieces(only === undefined ? [] : [only], bundled, only?.hash ?? '');
    expect(estimates.filter(({ from }) => from === 'given')).toEqual([]);
    expect(estimates).toHaveLength(DEFAULT_PIECES.length);
  });

  test('each bundled recording moves the estimates of the others by little', () => {
    const all = estimatePieces(bundled, [], '');
    for (const { hash } of bundled) {
      const without = estimatePieces(bundled, bundled, hash);
      for (const id of ['softint.ipTcpPerFrame', 'wm.rx.frame.recorded2desc', 'kernel.Wait.switchSame']) expect(Math.abs(value(without, id) / value(all, id) - 1)).toBeLessThan(0.01);
    }
  });
});

test('packing keeps every sum', () => {
  for (const recording of counted) {
    const back = unpack(JSON.parse(JSON.stringify(pack(recording))) as ReturnType<typeof pack>);
    expect(back.statistics.pieces).toEqual(recording.statistics.pieces);
    expect(solve(back.statistics.fits.iperf)).toEqual(solve(recording.statistics.fits.iperf));
    expect(back.statistics.fits.softint).toEqual(recording.statistics.fits.softint);
  }
});

test('each piece is estimated once', () => {
  expect(estimatePieces(counted, bundled, '').map(({ id }) => id)).toEqual(DEFAULT_PIECES.map(({ id }) => id));
});
