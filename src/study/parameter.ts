import type { NicSettings } from '../hw/i82574.ts';
import type { LinuxSettings } from '../kernel/linux/linux.ts';
import { SLEEP_CHOICES } from '../kernel/linux/sleep-states.ts';
import { readChoice } from './limits.ts';
import { readQuantity, TIME_UNITS, wrongUnit } from './quantity.ts';
import { LINUX_DEFAULTS, PLATFORMS, type SocketSettings, type System, throttled } from './system.ts';
import { UserError } from './user-error.ts';

/** One setting of a system that can be overridden. */
export interface Parameter {
  /** As `--set` spells it. */
  readonly key: string;
  readonly means: string;
  /** What values are taken, with examples; ends the message about one that is not. */
  readonly takes: string;
  /** Bounds of a bare number, where bare numbers are taken. */
  readonly low?: number;
  readonly high?: number;
  readonly step?: number;
  /** The names taken, where names are. */
  readonly choices?: readonly string[];
  /** A copy of the system with the value. @throws UserError at `place`. */
  apply(system: System, text: string, place: string): System;
}

/** ITR counts 256 ns, the delay timers 1.024 us; all registers hold 16 bits (82574L datasheet; Intel GbE SDM 13.4.18, 13.4.30). */
export const ITR_NS = 256;
export const DELAY_NS = 1024;
const REGISTER_MAX = 0xffff;

const READ_UNITS: readonly string[] = ['ns', 'us', 'ms', 's', '/s'];

/**
 * Reads an interval register: a count of its unit, a time, or a rate. Times are rounded to the register's unit; one too short for it is refused, since 0 turns
 * the timer off.
 */
function readRegister(text: string, unitNs: number, takes: string, place: string): number {
  const wanted = `give ${takes}`;
  const quantity = readQuantity(text);
  if (quantity === null) throw new UserError(place, `'${text}' is not a number`, wanted);
  const { number, unit } = quantity;
  if (unit === '') {
    if (!Number.isInteger(number) || number < 0 || number > REGISTER_MAX) throw new UserError(place, `${text} does not fit a register of 16 bits`, wanted);
    return number;
  }
  if (!READ_UNITS.includes(unit)) throw new UserError(place, wrongUnit(unit, READ_UNITS), wanted);
  if (unit === '/s' && !(number > 0)) throw new UserError(place, `${text} is not a rate`, wanted);
  const nanoseconds = unit === '/s' ? 1e9 / number : number * (TIME_UNITS[unit] ?? Number.NaN);
  const count = Math.round(nanoseconds / unitNs);
  if (!(count <= REGISTER_MAX) || count < 0) throw new UserError(place, `${text} is ${count} units of ${unitNs} ns and does not fit a register of 16 bits`, wanted);
  if (count === 0 && number !== 0) throw new UserError(place, `${text} is less than half a unit of ${unitNs} ns and would turn the timer off`, wanted);
  return count;
}

function registerTakes(unitNs: number): string {
  const longest = (REGISTER_MAX * unitNs) / 1e6;
  return `a count of ${unitNs} ns in 0..${REGISTER_MAX}, a time up to ${longest.toFixed(1)} ms such as 384us, or a rate such as 2604/s`;
}

type Register = 'itr' | 'rdtr' | 'radv' | 'tidv' | 'tadv';

function register(name: Register, unitNs: number, means: string): Parameter {
  const takes = registerTakes(unitNs);
  return {
    key: `nic.${name}`, means, takes, low: 0, high: REGISTER_MAX,
    apply: (system, text, place) => ({ ...system, nic: { ...system.nic, [name]: readRegister(text, unitNs, takes, place) } }),
  };
}

type WholeKey<T> = { [K in keyof T]: T[K] extends number ? K : never }[keyof T] & string;

/** A whole number in a range, in steps, with a unit that may be written. */
function whole<Part extends 'nic' | 'socket'>(
  part: Part, name: WholeKey<Part extends 'nic' ? NicSettings : SocketSettings>, means: string, range: readonly [low: number, high: number, step?: number], units: Readonly<Record<string, number>> = {},
): Parameter {
  const [low, high, step = 1] = range;
  const spellings = Object.keys(units);
  const unit = spellings[0] === undefined ? '' : ` ${spellings[0]}`;
  const takes = `a whole number in ${low}..${high}${unit}${step === 1 ? '' : `, a multiple of ${step}`}`;
  return {
    key: `${part}.${name}`, means, takes, low, high, step,
    apply: (system, text, place) => {
      const wanted = `give ${takes}`;
      const quantity = readQuantity(text);
      if (quantity === null) throw new UserError(place, `'${text}' is not a number`, wanted);
      const factor = quantity.unit === '' ? 1 : units[quantity.unit];
      if (factor === undefined) throw new UserError(place, spellings.length === 0 ? `'${text}' has a unit, this is a plain number` : wrongUnit(quantity.unit, spellings), wanted);
      const value = quantity.number * factor;
      if (!Number.isInteger(value) || value < low || value > high || value % step !== 0) throw new UserError(place, `${text} is out of range`, wanted);
      return { ...system, [part]: { ...system[part], [name]: value } };
    },
  };
}

function choice<K extends 'kernel' | 'controller' | 'timer' | 'hpetDelivery'>(key: K, choices: readonly System[K][], means: string): Parameter {
  return {
    key, means, choices, takes: `one of ${choices.join(', ')}`,
    apply: (system, text, place) => ({ ...system, [key]: readChoice<System[K]>(key, text, choices, place) }),
  };
}

const BYTES = { bytes: 1, B: 1, KiB: 1024 };
const THROTTLE_TAKES = registerTakes(ITR_NS);

/** InterruptThrottleRate of e1000e (param.c): 0 for none, 3 (here: adaptive) for the default, or a rate. */
const THROTTLE_RATES = 'adaptive, 0 for none, or interrupts a second in 100..100000 such as 8000/s';

function readThrottleRate(text: string, place: string): LinuxSettings['throttle'] {
  if (text === 'adaptive') return text;
  const quantity = readQuantity(text);
  const wanted = `give ${THROTTLE_RATES}`;
  if (quantity === null) throw new UserError(place, `'${text}' is not a rate`, wanted);
  const { number, unit } = quantity;
  if (unit !== '' && unit !== '/s') throw new UserError(place, wrongUnit(unit, ['/s']), wanted);
  if (!Number.isInteger(number) || (number !== 0 && !(number >= 100 && number <= 100_000))) throw new UserError(place, `${text} is out of range`, wanted);
  return number;
}

/** A setting that only Linux has. */
function linux<K extends keyof LinuxSettings>(name: K, about: Omit<Parameter, 'key' | 'apply'>, read: (text: string, place: string) => LinuxSettings[K]): Parameter {
  return {
    key: `linux.${name}`, ...about,
    apply: (system, text, place) => {
      if (system.kernel !== 'linux') throw new UserError(place, `the kernel is ${system.kernel}, this is a setting of linux`, 'set kernel=linux before it');
      return { ...system, linux: { ...LINUX_DEFAULTS, ...system.linux, [name]: read(text, place) } };
    },
  };
}

/** Everything of a system that `--set` and a scenario file can set, except costs. */
export const PARAMETERS: readonly Parameter[] = [
  choice('kernel', ['sel4', 'bare-metal', 'netbsd', 'linux'], 'what runs below the unikernel, or in place of it'),
  {
    key: 'platform', takes: `one of ${PLATFORMS.join(', ')}`, choices: PLATFORMS, means: 'which of Rumprun\'s platform layers for seL4: three threads with the timer mapped, or a timer behind calls to the root task',
    apply: (system, text, place) => {
      const platform = readChoice('platform', text, PLATFORMS, place);
      if (system.kernel !== 'sel4') throw new UserError(place, `platform ${platform} with the kernel ${system.kernel}`, 'set kernel=sel4 before it');
      return { ...system, platform };
    },
  },
  choice('controller', ['pic', 'ioapic', 'msi', 'msix'], 'how the NIC\'s interrupt reaches the core; msix: netbsd and linux'),
  choice('timer', ['pit', 'hpet'], 'one-shot timer of Rumprun\'s idle loop'),
  choice('hpetDelivery', ['msi', 'ioapic'], 'how the HPET\'s interrupt reaches the core, where it is the timer'),
  {
    key: 'nic.throttle', takes: THROTTLE_TAKES, low: 0, high: REGISTER_MAX,
    means: 'ITR and the four delay timers set to one time, as the driver does; 0: off',
    apply: (system, text, place) => ({ ...system, nic: throttled(system.nic, readRegister(text, ITR_NS, THROTTLE_TAKES, place)) }),
  },
  register('itr', ITR_NS, 'least time between two interrupts (ITR); 0: none'),
  register('rdtr', DELAY_NS, 'receive delay that restarts with every frame (RDTR); 0: off'),
  register('radv', DELAY_NS, 'receive delay from the first frame on (RADV); 0: off'),
  register('tidv', DELAY_NS, 'transmit delay that restarts with every packet (TIDV); 0: off'),
  register('tadv', DELAY_NS, 'transmit delay from the first packet on (TADV); 0: off'),
  whole('nic', 'rxDescriptors', 'descriptors of the receive ring', [8, 4096, 8]),
  whole('nic', 'rxBufferBytes', 'receive part of the NIC\'s 40 KB packet buffer, bytes', [2048, 40960], BYTES),
  whole('socket', 'bufferBytes', 'receive buffer the server asks for (SO_RCVBUF), bytes', [4096, 262144], BYTES),
  {
    key: 'socket.autosize', takes: 'true or false', choices: ['true', 'false'], means: 'whether NetBSD lets the receive buffer grow',
    apply: (system, text, place) => ({ ...system, socket: { ...system.socket, autosize: readChoice('truth value', text, ['true', 'false'], place) === 'true' } }),
  },
  whole('socket', 'windowScale', 'window scale the server offers, power of two', [0, 14]),
  whole('socket', 'blockBytes', 'block that the iperf server reads, bytes', [1, 1048576], BYTES),
  linux('throttle', { means: 'interrupt throttle of Linux\'s driver', takes: THROTTLE_RATES, low: 0, high: 100_000 }, readThrottleRate),
  linux('sleep', { means: 'sleep state of Linux\'s idle loop; menu: chosen by the governor', takes: `one of ${SLEEP_CHOICES.join(', ')}`, choices: SLEEP_CHOICES }, (text, place) => readChoice('sleep state', text, SLEEP_CHOICES, place)),
];

export function parameter(key: string): Parameter | undefined {
  return PARAMETERS.find((candidate) => candidate.key === key);
}
