import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { rumpsim } from './rumpsim.ts';

const folder = mkdtempSync(join(tmpdir(), 'rumpsim-bad-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What is said for arguments that cannot be used: status 2, nothing on stdout, one line. */
async function complaint(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await rumpsim(...args);
  expect({ status, stdout, lines: stderr.split('\n').length - 1 }).toEqual({ status: 2, stdout: '', lines: 1 });
  return stderr;
}

describe.concurrent('one line that names the thing and the nearest valid spelling', () => {
  test.each([
    ['a system', ['run', 'sel4-mis'], 'sel4-mis', 'sel4-msi'],
    ['no system', ['run'], 'no system', 'sel4-msi'],
    ['a command', ['rnu'], 'rnu', 'run'],
    ['an option', ['run', 'bmk', '--durration', '1'], '--durration', '--duration'],
    ['a pacing', ['run', 'bmk', '--pacing', 'onof'], 'onof', 'onoff'],
    ['a load', ['run', 'bmk', '--load', 'much'], '--load much', '0.001..1000 Mb/s'],
    ['a load out of range', ['run', 'bmk', '--load', '0'], '--load 0', '0.001..1000 Mb/s'],
    ['a unit of the load', ['run', 'bmk', '--load', '900Mbp'], 'Mbp', 'Mbps'],
    ['a duration out of range', ['run', 'bmk', '--duration', '-1'], '--duration -1', '0.001..9000 s'],
    ['a warm-up as long as the run', ['run', 'bmk', '--duration', '1', '--warmup', '1'], '--warmup', 'less than the duration'],
    ['a seed', ['run', 'bmk', '--seed', '1.5'], '--seed 1.5', 'whole number'],
    ['replications', ['run', 'bmk', '--reps', '0'], '--reps 0', '1..10000'],
    ['a setting', ['run', 'bmk', '--set', 'nic.trottle=0'], 'nic.trottle', 'nic.throttle'],
    ['a cost', ['run', 'bmk', '--set', 'cost.hpet.raed=1'], 'hpet.raed', 'hpet.read'],
    ['a cost without its prefix', ['run', 'bmk', '--set', 'hpet.read=1'], 'hpet.read', 'cost.hpet.read'],
    ['a value that is missing', ['run', 'bmk', '--set', 'nic.throttle'], 'nic.throttle', 'KEY=VALUE'],
    ['a register that overflows', ['run', 'bmk', '--set', 'nic.itr=65536'], 'nic.itr=65536', '0..65535'],
    ['a time that overflows a register', ['run', 'bmk', '--set', 'nic.radv=100ms'], 'nic.radv=100ms', '67.1 ms'],
    ['a time below a register\'s unit', ['run', 'bmk', '--set', 'nic.itr=100ns'], 'nic.itr=100ns', '256 ns'],
    ['a unit of a register', ['run', 'bmk', '--set', 'nic.itr=3usec'], 'usec', '\'us\''],
    ['a ring size', ['run', 'bmk', '--set', 'nic.rxDescriptors=100'], 'nic.rxDescriptors=100', 'multiple of 8'],
    ['a window scale', ['run', 'bmk', '--set', 'socket.windowScale=15'], 'socket.windowScale=15', '0..14'],
    ['a part', ['run', 'bmk', '--set', 'controller=ioapci'], 'ioapci', 'ioapic'],
    ['a unit of a cost', ['run', 'bmk', '--set', 'cost.hpet.read=4cycles'], 'cost.hpet.read=4cycles', 'ns'],
    ['a cost far outside its range', ['run', 'bmk', '--set', 'cost.hpet.read=4s'], 'cost.hpet.read=4s', '400..1200 ns'],
    ['a filter of costs', ['costs', 'hpet.raed'], 'hpet.raed', 'hpet.read'],
    ['a system to show', ['systems', 'sel4-mis'], 'sel4-mis', 'sel4-msi'],
    ['a scenario file that is not there', ['run', '--config', 'nothing.yaml'], 'nothing.yaml', 'no such file'],
  ])('%s', async (_what, args, thing, remedy) => {
    const line = await complaint(...args);
    expect(line).toContain(thing);
    expect(line).toContain(remedy);
  });
});

describe.concurrent('a scenario file that cannot be used: file, line, column, key and remedy', () => {
  test.each([
    ['a key', 'system: bmk\nlod: 900\n', ':2:1: lod', '\'load\''],
    ['a key inside a system', 'system: x\nsystems:\n  x:\n    base: bmk\n    nic:\n      trottle: 0\n', ':6:7: systems.x.nic.trottle', '\'throttle\''],
    ['a part', 'system: x\nsystems:\n  x: { base: bmk, controller: pci }\n', ':3:19: systems.x.controller', '\'pic\''],
    ['a base', 'system: x\nsystems:\n  x:\n    base: bkm\n', ':4:5: systems.x.base', '\'bmk\''],
    ['a part that is missing', 'system: x\nsystems:\n  x:\n    kernel: sel4\n    timer: pit\n', ':3:3: systems.x', 'controller'],
    ['a system', 'load: 900\nsystem: sel4\n', ':2:1: system', '\'sel4-pic\''],
    ['a number out of range', 'system: bmk\nload: 2000\n', ':2:1: load', '0.001..1000 Mb/s'],
    ['a unit', 'system: bmk\nload: 1Gbs\n', ':2:1: load', '\'Gb/s\''],
    ['a register', 'system: bmk\nset:\n  nic.itr: 70000\n', ':3:3: set.nic.itr', '0..65535'],
    ['a setting', 'system: bmk\nset:\n  nic.rdt: 1\n', ':3:3: set.nic.rdt', '\'nic.rdtr\''],
    ['a cost', 'system: bmk\ncosts:\n  pit.oot: 1us\n', ':3:3: costs.pit.oot', '\'pit.out\''],
    ['a cost in another unit', 'system: bmk\ncosts: { pit.out: 3cycles }\n', ':2:10: costs.pit.out', 'ns'],
    ['a value of another type', 'system: bmk\nseed: [1]\n', ':2:1: seed', 'whole number'],
    ['a name', 'system: bmk\nsystems: { 1x: { base: bmk } }\n', ':2:12: systems.1x', 'starts with a letter'],
    ['broken YAML', 'system: "bmk\n', ':', 'not YAML'],
    ['something else than a mapping', '- bmk\n', '', 'mapping'],
  ])('%s', async (_what, text, place, remedy) => {
    const file = join(mkdtempSync(join(folder, 'x')), 'scenario.yaml');
    writeFileSync(file, text);
    const line = await complaint('run', '--config', file);
    expect(line).toContain(`${file}${place}`);
    expect(line).toContain(remedy);
  });
});
