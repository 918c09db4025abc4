import { describe, expect, test } from 'vitest';
import { perfetto } from '../../../src/trace/export/perfetto.ts';
import { SYSTEMS } from '../../../src/study/system.ts';
import { TraceReader } from '../../../src/trace/reader.ts';
import { InterruptFlows } from '../../../src/trace/export/interrupt-flows.ts';
import { join } from 'node:path';
import { recorded, scenario, systemNamed } from '../runs.ts';
import { folder } from '../traces.ts';
import { decode, type Shown } from './perfetto-decoder.ts';

const file = join(folder(), 'hardware.arrow');

describe.each(SYSTEMS.map(({ name }) => name))('the interrupts of %s', (name) => {
  const run = scenario({ system: systemNamed(name), loadMbps: 540, duration: 0.05 });
  recorded(run, { hardware: file });
  const pieces: Uint8Array[] = [];
  const reader = new TraceReader(file);
  perfetto.write([reader], (bytes) => pieces.push(bytes.slice()), { file: '', command: '', warn: () => {} });
  const { events } = decode(Buffer.concat(pieces));
  const steps = Map.groupBy(events.filter(({ flow }) => flow !== ''), ({ flow }) => flow);
  const { controller } = run.system;
  const input = controller === 'pic' ? '11' : '54';
  const from = ({ track }: Shown): string => track.replace('devices/', '');
  const stepsOf = (flow: readonly Shown[]): string[] => flow.map((step) => `${from(step)} ${step.name}`);

  test('of the NIC: each delivery is on one flow with its request, its message if there is one, and its end', () => {
    const flows = [...steps.values()].filter((flow) => flow.some((step) => step.name === 'irq-deliver' && step.said['value'] === input && from(step) === (controller === 'pic' ? 'pic' : 'lapic')));
    const wanted = ['nic irq-raise', ...(controller === 'pic' ? [] : ['lapic msi']), `${controller === 'pic' ? 'pic' : 'lapic'} irq-deliver`, `${controller === 'pic' ? 'pic' : 'lapic'} eoi`];
    const wrong = flows.map((flow) => stepsOf(flow).join()).filter((flow) => flow !== wanted.join());
    expect(flows.length).toBeGreaterThan(10);
    // The first may come before the line of its device is learned, and the last may not have ended.
    expect(wrong.slice(2)).toEqual([]);
  });

  test('no flow joins two deliveries', () => {
    expect([...steps.values()].filter((flow) => flow.filter(({ name }) => name === 'irq-deliver').length > 1)).toEqual([]);
  });

  test('are never fewer than none on their way, and mostly none', () => {
    const counts = events.filter(({ track }) => track.endsWith('interrupts outstanding')).map(({ value }) => value);
    expect(Math.min(...counts)).toBe(0);
    expect(Math.max(...counts)).toBeLessThanOrEqual(4);
  });
});

describe('messages of one vector', () => {
  test('that come before it is delivered are delivered as the last of them', () => {
    const flows = new InterruptFlows();
    const asked = [1, 2].map(() => {
      const flow = flows.raise('nic', 0);
      expect(flows.message(54)).toBe(flow);
      return flow;
    });
    expect(flows.outstanding).toBe(1);
    expect(flows.deliver('lapic', 54)).toBe(asked[1]);
    expect(flows.end('lapic', 54)).toBe(asked[1]);
    expect(flows.outstanding).toBe(0);
  });

  test('lead to the end of interrupt where deliveries are not shown', () => {
    const flows = new InterruptFlows();
    const flow = flows.raise('nic', 0);
    flows.message(54);
    expect(flows.end('lapic', 54)).toBe(flow);
    expect(flows.end('lapic', 54)).toBe(0);
    expect(flows.outstanding).toBe(0);
  });
});

describe('two devices that ask at once', () => {
  test('are told apart once the line of one is known', () => {
    const flows = new InterruptFlows();
    const known = flows.raise('nic', 0);
    expect(flows.deliver('pic', 11)).toBe(known);
    expect(flows.end('pic', 11)).toBe(known);
    const nic = flows.raise('nic', 0);
    const timer = flows.raise('pit', 0);
    expect(flows.deliver('pic', 0)).toBe(timer);
    expect(flows.deliver('pic', 11)).toBe(nic);
    expect(flows.outstanding).toBe(2);
  });

  test('are not guessed at while neither is', () => {
    const flows = new InterruptFlows();
    const asked = [flows.raise('nic', 0), flows.raise('pit', 0)];
    expect(asked).not.toContain(flows.deliver('pic', 0));
  });

  test('a line that is still active is delivered again as an interrupt of its own', () => {
    const flows = new InterruptFlows();
    const first = flows.raise('nic', 0);
    expect(flows.deliver('pic', 11)).toBe(first);
    flows.end('pic', 11);
    const second = flows.deliver('pic', 11);
    expect(second).toBeGreaterThan(first);
    expect(flows.end('pic', 11)).toBe(second);
    expect(flows.outstanding).toBe(0);
  });
});
