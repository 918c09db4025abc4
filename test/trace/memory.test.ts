import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Simulator } from '../../src/events/simulator.ts';
import { SIMULATED_CLOCK } from '../../src/trace/metadata.ts';
import { TraceReader } from '../../src/trace/reader.ts';
import { TraceReplay } from '../../src/trace/replay.ts';
import { TraceWriter } from '../../src/trace/writer.ts';
import { folder, ORIGIN } from './traces.ts';

const ROWS = 3_000_000;
const PERIOD = 12_304_000;
/** Several batches of columns, staged and encoded; a fifth of the file. */
const MOST_GROWTH = 48e6;

/** What the process holds beside its code: objects and array buffers. */
function held(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

test('three million rows are written, read and replayed in memory that does not grow with them', () => {
  const file = join(folder(), 'long.arrow');
  const before = held();
  let most = 0;
  const sample = (row: number): void => {
    if (row % 50_000 === 0) most = Math.max(most, held());
  };

  const writer = new TraceWriter(file, 'wire', ORIGIN);
  for (let i = 0; i < ROWS; i++) {
    const row = writer.row(i * PERIOD);
    for (let column = 1; column < writer.columns.length; column++) writer.columns[column]![row] = column === 4 ? i * 1448 : 0;
    sample(i);
  }
  writer.complete({ frames: { in: ROWS, out: 0 } });
  writer.publish();
  expect(statSync(file).size).toBeGreaterThan(60 * ROWS);

  const reader = new TraceReader(file, { kind: 'wire', clock: SIMULATED_CLOCK });
  let rows = 0;
  let sum = 0;
  for (let batch = reader.next(); batch !== null; batch = reader.next()) {
    const seq = batch.integers('seq');
    for (let row = 0; row < batch.rows; row++) sum += seq[row]!;
    batch.codes('kind');
    rows += batch.rows;
    most = Math.max(most, held());
  }
  expect(rows).toBe(ROWS);
  expect(sum).toBe(1448 * ((ROWS * (ROWS - 1)) / 2));

  const simulator = new Simulator();
  let frames = 0;
  new TraceReplay(new TraceReader(file)).start(simulator, () => sample(frames++), 0);
  simulator.run();
  expect(frames).toBe(ROWS);

  expect(most - before).toBeLessThan(MOST_GROWTH);
});
