import type { PacingName } from '../../src/load/pacing/pacing.ts';
import type { Control, Values } from './control.ts';
import { STATIC_THROTTLE } from '../../src/study/system.ts';

/** Standard of the controls that stand for the paper's settings: as in the address when nothing has been moved. */
export const PAPER_SETTINGS: Values = {
  throttle: '2604', own: 'false', itr: String(STATIC_THROTTLE.itr), rdtr: String(STATIC_THROTTLE.rdtr), radv: String(STATIC_THROTTLE.radv), tidv: String(STATIC_THROTTLE.tidv), tadv: String(STATIC_THROTTLE.tadv),
  ring: String(STATIC_THROTTLE.rxDescriptors), buffer: '87380', autosize: 'true', block: '131072', linuxThrottle: 'adaptive', sleep: 'menu', pacing: 'fq', frequency: '3400',
};

/** Interrupts a second that a throttle register value stands for. */
export function rateOf(itr: number): number {
  return 1e9 / (itr * 256);
}

const REGISTERS = [
  { name: 'itr', label: 'ITR', unit: 256, means: 'least time between two interrupts, units of 256 ns' },
  { name: 'rdtr', label: 'RDTR', unit: 1024, means: 'receive delay that restarts with every frame, units of 1.024 us' },
  { name: 'radv', label: 'RADV', unit: 1024, means: 'receive delay from the first frame on, units of 1.024 us' },
  { name: 'tidv', label: 'TIDV', unit: 1024, means: 'transmit delay that restarts with every packet, units of 1.024 us' },
  { name: 'tadv', label: 'TADV', unit: 1024, means: 'transmit delay from the first packet on, units of 1.024 us' },
] as const;

/** The NIC's throttle: all five registers together as the driver sets them, or each by itself. */
export const THROTTLE_CONTROLS: readonly Control[] = [
  {
    kind: 'range', name: 'throttle', label: 'NIC throttle', low: 2600, high: 20_000, step: 4, means: 'ITR and the four delay timers set to one time, as the driver does; the paper: 384 us, 2,604 a second',
    show: (rate) => `interrupts/s at most, ${(1e6 / rate).toFixed(0)} µs`,
  },
  {
    kind: 'group', label: 'each register by itself',
    controls: [
      { kind: 'tick', name: 'own', label: 'use the five values below', means: 'instead of the throttle' },
      ...REGISTERS.map(({ name, label, unit, means }): Control => ({ kind: 'range', name, label, low: 0, high: name === 'itr' ? 4000 : 1000, step: 1, means, show: (value) => (value === 0 ? 'off' : `${((value * unit) / 1000).toFixed(0)} µs`) })),
    ],
  },
];

/** Every setting of the paper's experiment. */
export const PAPER_CONTROLS: readonly Control[] = [
  ...THROTTLE_CONTROLS,
  { kind: 'choice', name: 'pacing', label: 'sender', choices: [['fq', 'fq bursts'], ['onoff', 'on/off at 10 Hz'], ['even', 'evenly spaced']], means: 'how the client spreads the load; the paper does not say which of the first two it was' },
  {
    kind: 'group', label: 'ring, sockets, processor',
    controls: [
      { kind: 'range', name: 'ring', label: 'receive ring', low: 8, high: 4096, step: 8, means: 'descriptors of the receive ring; the paper\'s driver has 256', show: () => 'descriptors' },
      { kind: 'range', name: 'buffer', label: 'socket buffer', low: 8192, high: 262_144, step: 4, means: 'receive buffer that the server asks for (iperf3 -w)', show: () => 'bytes' },
      { kind: 'tick', name: 'autosize', label: 'buffer may grow', means: 'whether NetBSD lets the receive buffer grow' },
      { kind: 'range', name: 'block', label: 'iperf block', low: 1024, high: 1_048_576, step: 1024, means: 'bytes the server reads at once', show: () => 'bytes' },
      { kind: 'range', name: 'frequency', label: 'processor clock', low: 1600, high: 4400, step: 100, means: 'core clock; the time stamp counter keeps its own', show: () => 'MHz' },
      { kind: 'choice', name: 'linuxThrottle', label: 'Linux throttle', choices: [['adaptive', 'adaptive'], ['4000', '4,000/s'], ['8000', '8,000/s'], ['20000', '20,000/s'], ['0', 'none']] },
      { kind: 'choice', name: 'sleep', label: 'Linux sleep state', choices: [['menu', 'chosen by the governor'], ['c1', 'C1'], ['c3', 'C3'], ['c6', 'C6']] },
    ],
  },
];

/** The --set texts of what differs from the paper's settings. */
export function settingsOf(values: Values): string[] {
  // A page need not have all controls.
  const changed = (name: string): boolean => values[name] !== undefined && values[name] !== PAPER_SETTINGS[name];
  const value = (name: string): string => values[name] ?? PAPER_SETTINGS[name] ?? '';
  const settings: string[] = [];
  if (value('own') === 'true') for (const { name } of REGISTERS) settings.push(`nic.${name}=${value(name)}`);
  else if (changed('throttle')) settings.push(`nic.throttle=${value('throttle')}/s`);
  if (changed('ring')) settings.push(`nic.rxDescriptors=${value('ring')}`);
  if (changed('buffer')) settings.push(`socket.bufferBytes=${value('buffer')}`);
  if (changed('autosize')) settings.push(`socket.autosize=${value('autosize')}`);
  if (changed('block')) settings.push(`socket.blockBytes=${value('block')}`);
  if (changed('frequency')) settings.push(`cost.cpu.frequency=${value('frequency')}`);
  if (changed('linuxThrottle')) settings.push(`linux.throttle=${value('linuxThrottle') === 'adaptive' || value('linuxThrottle') === '0' ? value('linuxThrottle') : `${value('linuxThrottle')}/s`}`);
  if (changed('sleep')) settings.push(`linux.sleep=${value('sleep')}`);
  return settings;
}

export function pacingOf(values: Values): PacingName {
  const pacing = values['pacing'];
  return pacing === 'onoff' || pacing === 'even' ? pacing : 'fq';
}
