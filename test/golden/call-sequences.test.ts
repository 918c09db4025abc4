import { afterEach, describe, expect, test } from 'vitest';
import { MS, type Tick, US } from '../../src/events/time.ts';
import { PIT_HZ } from '../../src/hw/pit.ts';
import { defaultCosts } from '../../src/study/cost-tables.ts';
import { type System, SYSTEMS } from '../../src/study/system.ts';
import { Journal } from './journal.ts';
import { MachineBench, Phases } from './machine-bench.ts';

/*
 * docs/sources/call-sequences.md (seL4/rumprun 582c0b5 to fd0d977, seL4 6.0.0, util_libs of 2017), act by act: which code runs in which context, every port access with its
 * value, every MMIO access, every kernel entry, in order. The NIC's throttle and delays are off, so that a frame is an interrupt at once.
 */

type Sel4Name = 'sel4-pic' | 'sel4-ioapic' | 'sel4-msi';
type Name = Sel4Name | 'bmk';

const SEL4: readonly Sel4Name[] = ['sel4-pic', 'sel4-ioapic', 'sel4-msi'];
const ALL: readonly Name[] = [...SEL4, 'bmk'];

function system(name: Name): System {
  const found = SYSTEMS.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no system ${name}`);
  return { ...found, nic: { ...found.nic, itr: 0, rdtr: 0, radv: 0, tidv: 0, tadv: 0 } };
}

/** Interrupts travel for 50 ns, so that the act during which a frame comes is the one that it interrupts. */
const COSTS = defaultCosts().with('intx.latency', 50).with('msi.latency', 50);

const journals: Journal[] = [];

afterEach(() => {
  for (const journal of journals.splice(0)) journal.close();
});

interface Scene {
  readonly bench: MachineBench;
  readonly journal: Journal;
}

function scene(name: Name): Scene {
  const bench = new MachineBench(system(name), new Phases(), COSTS);
  const journal = new Journal(bench.machine.core);
  journals.push(journal);
  return { bench, journal };
}

/** The acts from `from` to `to`; the two bytes of the PIT's count depend on the time of day and are left out. */
function record({ bench, journal }: Scene, from: Tick, to: Tick): string[] {
  let lines: string[] = [];
  bench.at(from, () => journal.clear());
  bench.at(to - 1, () => {
    lines = journal.lines().map((line) => line.replaceAll(/out 40=\w\w/g, 'out 40'));
  });
  bench.run(to);
  return lines;
}

/** A frame arrives the first time that `act` begins after `from`. */
function frameDuring({ bench, journal }: Scene, act: string, from: Tick): void {
  let done = false;
  journal.onAct((name) => {
    const { now } = bench.machine.core;
    if (done || now < from || name !== act) return;
    done = true;
    bench.frames(now + 1000);
  });
}

/** Counts of what happened, less those before `from`. */
function counts(bench: MachineBench, from: Tick, names: readonly string[]): () => Record<string, number> {
  let before: Record<string, number> = {};
  const read = (): Record<string, number> => Object.fromEntries(names.map((name) => [name, bench.count(name)]));
  bench.at(from, () => {
    before = read();
  });
  return () => Object.fromEntries(Object.entries(read()).map(([name, value]) => [name, value - (before[name] ?? 0)]));
}

// --- The pieces of section 5. ---

/** 5d, Entry_Interrupt and IRQHandler_Ack of the NIC (PIC input 11) and of the timer (PIC input 0, or the HPET by message). */
const DELIVER = {
  'sel4-pic': (to: 'other' | 'same') => `kernel:irq-deliver: pic/inta, stub/interrupt/entry, in a1, out a1=08, out a0=20, out 20=20, sel4/irq.pic.switch-${to}, stub/interrupt/exit`,
  'sel4-ioapic': (to: 'other' | 'same') => `kernel:irq-deliver: stub/interrupt/entry, mmio/ioapic/write, mmio/ioapic/write, mmio/lapic/eoi, sel4/irq.ioapic.switch-${to}, stub/interrupt/exit`,
  'sel4-msi': (to: 'other' | 'same') => `kernel:irq-deliver: stub/interrupt/entry, mmio/lapic/eoi, sel4/irq.msi.switch-${to}, stub/interrupt/exit`,
};

const ACK = {
  'sel4-pic': 'kernel:irq-ack: stub/syscall/entry, sel4/ack.pic, in a1, out a1=00, stub/syscall/exit',
  'sel4-ioapic': 'kernel:irq-ack: stub/syscall/entry, sel4/ack.ioapic, mmio/ioapic/write, mmio/ioapic/write, stub/syscall/exit',
  'sel4-msi': 'kernel:irq-ack: stub/syscall/entry, sel4/ack.msi, stub/syscall/exit',
};

const TIMER_DELIVER = {
  'sel4-pic': 'kernel:irq-deliver: pic/inta, stub/interrupt/entry, in 21, out 21=01, out 20=20, sel4/irq.pic.switch-other, stub/interrupt/exit',
  'sel4-ioapic': 'kernel:irq-deliver: stub/interrupt/entry, mmio/lapic/eoi, sel4/irq.msi.switch-other, stub/interrupt/exit',
  'sel4-msi': 'kernel:irq-deliver: stub/interrupt/entry, mmio/lapic/eoi, sel4/irq.msi.switch-other, stub/interrupt/exit',
};

const TIMER_ACK = {
  'sel4-pic': 'kernel:irq-ack: stub/syscall/entry, sel4/ack.pic, in 21, out 21=00, stub/syscall/exit',
  'sel4-ioapic': 'kernel:irq-ack: stub/syscall/entry, sel4/ack.msi, stub/syscall/exit',
  'sel4-msi': 'kernel:irq-ack: stub/syscall/entry, sel4/ack.msi, stub/syscall/exit',
};

const OUT8 = 'stub/syscall/entry, sel4/ioport.out8';
const HPET_PROGRAM = 'mmio/hpet/read, mmio/hpet/read, mmio/hpet/read, sel4.hpet-program, mmio/hpet/write, mmio/hpet/write, mmio/hpet/read, mmio/hpet/read, mmio/hpet/read';

/** 5c iii, the timer programmed: three invocations, or six reads and two writes at user level. */
const PROGRAM = {
  'sel4-pic': ['rump:scheduler: sched.look, idle.enter, sel4.pit-program', `kernel:ioport: ${OUT8}, out 43=30, stub/syscall/exit, ${OUT8}, out 40, stub/syscall/exit, ${OUT8}, out 40, stub/syscall/exit`],
  'sel4-ioapic': [`rump:scheduler: sched.look, idle.enter, ${HPET_PROGRAM}`],
  'sel4-msi': [`rump:scheduler: sched.look, idle.enter, ${HPET_PROGRAM}`],
};

/** Recv that blocks: to the idle loop of the root task (CR3), or to a thread of Rumprun. */
const RECV_TO_IDLE = ['kernel:recv: stub/syscall/entry, sel4/wait.switch-other, stub/syscall/exit', 'roottask:idle: refill/roottask'];
const RECV_TO_RUMP = 'kernel:recv: stub/syscall/entry, sel4/wait.switch-same, stub/syscall/exit';
const SIGNAL_SLEEPER = 'kernel:send: stub/syscall/entry, sel4/signal.no-switch, stub/syscall/exit';

/** The batch of one frame: wm with its two ICR reads, then the network softint, then iperf; no system call of the kernel in softint and iperf. */
const ISR = 'isr.begin, wm.intr, mmio/nic/icr-read, wm.pass, wm.rx-frame, mmio/nic/icr-read, wm.intr-end';
const SOFTINT = 'softint.run, softint.percpuq, ether.frame, softint.ip, tcp.segment';
const IPERF = 'select.wakes, iperf.loop, read.data, read.copy, tcp.output-nothing, read.nothing, select.enter, select.sleeps';
const SWITCH = 'rump:scheduler: sched.look, sched.switch';

function isr(name: Name, wakes = ', softint.wake'): string[] {
  if (name === 'bmk') return [`rump:isr: ${ISR}, isr.end${wakes}, out a0=20, out 20=20`];
  return [`rump:isr: ${ISR}`, ACK[name], `rump:isr: isr.end${wakes}`];
}

/** From the end of idle to the next idle entry, timer programming and Recv included. */
function batch(name: Name): string[] {
  return ['rump:scheduler: idle.exit, sched.look, sched.switch', ...isr(name), SWITCH, `rump:softint1: ${SOFTINT}, socket.wakeup`, SWITCH, `rump:iperf: ${IPERF}`];
}

function idleEntry(name: Name): string[] {
  if (name === 'bmk') return ['rump:scheduler: sched.look, idle.enter, bmk.timer-program, out 40, out 40'];
  return [...PROGRAM[name], ...RECV_TO_IDLE];
}

function wakeUp(name: Name): string[] {
  if (name === 'bmk') return ['bmk:interrupt: pic/inta, interrupt/entry-and-return, bmk.isr'];
  return [DELIVER[name]('other'), 'rump:pci-thread: refill/rumprun, sel4.irq-thread.begin', SIGNAL_SLEEPER, 'rump:pci-thread: sel4.irq-thread.end', RECV_TO_RUMP];
}

const IDLE_FROM = 12_400 * US;
const FRAME = 12_500 * US;
const IDLE_TO = 12_900 * US;

describe('a NIC interrupt while idle, and the idle entry after it (5b; 5c i and iii)', () => {
  test.each(ALL)('%s', (name) => {
    const stage = scene(name);
    stage.bench.frames(FRAME);
    expect(record(stage, IDLE_FROM, IDLE_TO)).toEqual([...wakeUp(name), ...batch(name), ...idleEntry(name)]);
  });

  // 5e: 9 port accesses with the PIC (4 at entry, 2 at the acknowledgement, 3 of the PIT), none without; 4 on bare metal. ICR twice, RDT once.
  test.each([
    ['sel4-pic', { 'port.read': 2, 'port.write': 7, 'mmio.lapic.write': 0, 'mmio.ioapic.write': NaN, 'mmio.hpet.read': NaN, 'mmio.hpet.write': NaN }],
    ['sel4-ioapic', { 'port.read': 0, 'port.write': 0, 'mmio.lapic.write': 1, 'mmio.ioapic.write': 4, 'mmio.hpet.read': 6, 'mmio.hpet.write': 2 }],
    ['sel4-msi', { 'port.read': 0, 'port.write': 0, 'mmio.lapic.write': 1, 'mmio.ioapic.write': NaN, 'mmio.hpet.read': 6, 'mmio.hpet.write': 2 }],
    ['bmk', { 'port.read': 0, 'port.write': 4, 'mmio.lapic.write': 0, 'mmio.ioapic.write': NaN, 'mmio.hpet.read': NaN, 'mmio.hpet.write': NaN }],
  ] as const)('%s: register accesses', (name, expected) => {
    const { bench } = scene(name);
    bench.frames(FRAME);
    const all = { ...expected, 'mmio.nic.read': 2, 'mmio.nic.write': 1, 'timer.programmed': 1 };
    const read = counts(bench, IDLE_FROM, Object.keys(all));
    bench.run(IDLE_TO);
    expect(read()).toEqual(all);
  });

  // 5c i: one interrupt entry, {Signal 1, Recv 2, Ack 1}, and with the PIT three port invocations; bare metal has no kernel to enter.
  test.each([['sel4-pic', 3], ['sel4-ioapic', 0], ['sel4-msi', 0]] as const)('%s: kernel entries', (name, ports) => {
    const { bench } = scene(name);
    bench.frames(FRAME);
    const read = counts(bench, IDLE_FROM, ['kernel.irq-deliver', 'kernel.send', 'kernel.recv', 'kernel.irq-ack', 'kernel.ioport', 'kernel.tick']);
    bench.run(IDLE_TO);
    expect(read()).toEqual({ 'kernel.irq-deliver': 1, 'kernel.send': 1, 'kernel.recv': 2, 'kernel.irq-ack': 1, 'kernel.ioport': ports, 'kernel.tick': 0 });
  });
});

describe('a NIC interrupt while rump is running (5c ii)', () => {
  // The second frame comes while TCP has the first one: the interrupt thread preempts, signals nobody, and rump goes on where it was. The line stays masked (PIC, I/O APIC) or in service
  // (bare metal) until the interrupt thread of Rumprun gets to it, behind the softint's own wake-up of iperf.
  const preempted = (name: Name): string[] =>
    name === 'bmk' ? ['bmk:interrupt: pic/inta, interrupt/entry-and-return, bmk.isr'] : [DELIVER[name]('same'), 'rump:pci-thread: sel4.irq-thread.begin, sel4.irq-thread.end', RECV_TO_RUMP];

  test.each(ALL)('%s', (name) => {
    const stage = scene(name);
    stage.bench.frames(FRAME);
    frameDuring(stage, 'read.data', FRAME);
    const expected = [
      ...wakeUp(name),
      ...batch(name).slice(0, -1),
      'rump:iperf: select.wakes, iperf.loop, read.data',
      ...preempted(name),
      'rump:iperf: read.copy, tcp.output-nothing, read.nothing, select.enter, select.sleeps',
      SWITCH,
      ...isr(name),
      SWITCH,
      // The second segment is ACKed at once.
      `rump:softint1: ${SOFTINT}, socket.wakeup, tcp.ack`,
    ];
    expect(record(stage, IDLE_FROM, IDLE_TO).slice(0, expected.length)).toEqual(expected);
  });

  test.each(SEL4)('%s: no Signal, one Recv more', (name) => {
    const stage = scene(name);
    stage.bench.frames(FRAME);
    frameDuring(stage, 'read.data', FRAME);
    const names = ['kernel.irq-deliver', 'kernel.send', 'kernel.recv', 'kernel.irq-ack'];
    const read = counts(stage.bench, IDLE_FROM, names);
    let atSecondAck: Record<string, number> = {};
    let acks = 0;
    stage.journal.onAct((act) => {
      if (act === `sel4/ack.${name.slice(5)}` && stage.bench.machine.core.now > FRAME && ++acks === 2) atSecondAck = read();
    });
    stage.bench.run(IDLE_TO);
    // Before idle is reached again: two interrupts, the one Signal of the first, the interrupt thread's two Recvs, the second Ack under way.
    expect(atSecondAck).toEqual({ 'kernel.irq-deliver': 2, 'kernel.send': 1, 'kernel.recv': 2, 'kernel.irq-ack': 2 });
  });

  test.each(['sel4-pic', 'sel4-ioapic', 'bmk'] as const)('%s: a third frame does not interrupt before that', (name) => {
    const stage = scene(name);
    const { bench, journal } = stage;
    bench.frames(FRAME);
    frameDuring(stage, 'read.data', FRAME);
    // When the second one has been delivered, and long before its batch begins.
    frameDuring(stage, 'read.nothing', FRAME);
    const order: string[] = [];
    let acknowledged = 0;
    journal.onAct((act) => {
      if (bench.machine.core.now < FRAME) return;
      if (act === (name === 'bmk' ? 'bmk.isr' : 'stub/interrupt/entry')) order.push('interrupt');
      if (act === 'out a1=00' || act === 'sel4/ack.ioapic' || (act === 'out 20=20' && name === 'bmk')) {
        order.push('ended');
        acknowledged++;
      }
    });
    bench.run(FRAME + 60 * US);
    expect(order.slice(0, 4)).toEqual(['interrupt', 'ended', 'interrupt', 'ended']);
    expect(acknowledged).toBeGreaterThanOrEqual(2);
  });
});

describe('a frame that the driver finds before its interrupt gets through', () => {
  // It comes while the driver works on the first one, and ICR is read once more. The line has fallen again when it is unmasked or ended; a message has been sent and is delivered.
  test.each([['sel4-pic', 1], ['sel4-ioapic', 1], ['sel4-msi', 2], ['bmk', 1]] as const)('%s: %i interrupts for two frames', (name, interrupts) => {
    const stage = scene(name);
    const { bench } = stage;
    bench.frames(FRAME);
    frameDuring(stage, 'wm.rx-frame', FRAME);
    const read = counts(bench, IDLE_FROM, ['interrupts.nic', 'frames.in', 'tcp.acks']);
    let atSoftint: Record<string, number> = {};
    stage.journal.onAct((act) => {
      if (act === 'softint.run' && bench.machine.core.now > FRAME && atSoftint['frames.in'] === undefined) atSoftint = read();
    });
    bench.run(IDLE_TO);
    expect(atSoftint).toEqual({ 'interrupts.nic': interrupts, 'frames.in': 2, 'tcp.acks': 0 });
  });
});

describe('a NIC interrupt while rump programs the timer (5c ii, at splhigh)', () => {
  test.each(SEL4)('%s: the interrupt thread waits for the semaphore; splx signals it and is preempted; Recv(halt) then finds its signal', (name) => {
    const stage = scene(name);
    stage.bench.frames(FRAME);
    // During the first invocation or the first read of the counter: the one runs with interrupts off, the other stalls the core.
    frameDuring(stage, name === 'sel4-pic' ? 'sel4/ioport.out8' : 'mmio/hpet/read', FRAME);
    const cut = name === 'sel4-pic' ? [
      'rump:scheduler: sched.look, idle.enter, sel4.pit-program',
      `kernel:ioport: ${OUT8}, out 43=30, stub/syscall/exit`,
      DELIVER[name]('same'),
      'rump:pci-thread: sel4.irq-thread.begin',
      RECV_TO_RUMP,
      `kernel:ioport: ${OUT8}, out 40, stub/syscall/exit, ${OUT8}, out 40, stub/syscall/exit`,
    ] : [
      'rump:scheduler: sched.look, idle.enter, mmio/hpet/read',
      DELIVER[name]('same'),
      'rump:pci-thread: sel4.irq-thread.begin',
      RECV_TO_RUMP,
      `rump:scheduler: ${HPET_PROGRAM.replace('mmio/hpet/read, ', '')}`,
    ];
    const lines = record(stage, IDLE_FROM, IDLE_TO);
    const begin = wakeUp(name).length + batch(name).length;
    const contended = [
      ...cut,
      // splx: Signal(spl) to the higher thread; that one: Signal(halt), for rump is about to sleep, isr(), the semaphore free again, Recv(pci).
      'kernel:send: stub/syscall/entry, sel4/signal.switch-same, stub/syscall/exit, stub/syscall/entry, sel4/signal.no-waiter, stub/syscall/exit',
      'rump:pci-thread: sel4.irq-thread.end',
      `${RECV_TO_RUMP}, stub/syscall/entry, sel4/wait.pending, stub/syscall/exit`,
      'rump:scheduler: idle.exit, sched.look, sched.switch',
    ];
    expect(lines.slice(begin, begin + contended.length)).toEqual(contended);
    expect(lines[begin + contended.length]).toMatch(/^rump:isr: isr.begin, wm.intr, mmio\/nic\/icr-read/);
  });

  test('bmk: interrupts are off; STI takes it, and the CPU does not idle', () => {
    const stage = scene('bmk');
    stage.bench.frames(FRAME);
    frameDuring(stage, 'bmk.timer-program', FRAME);
    const { ledger } = stage.bench.machine.core;
    let idle = 0;
    let atBatch = 0;
    stage.journal.onAct((act) => {
      if (act === 'bmk.timer-program' && stage.bench.machine.core.now > FRAME && idle === 0) idle = ledger.idle;
      if (act === 'isr.begin' && idle > 0 && atBatch === 0) atBatch = ledger.idle;
    });
    const lines = record(stage, IDLE_FROM, IDLE_TO);
    const begin = wakeUp('bmk').length + batch('bmk').length;
    expect(lines.slice(begin, begin + 3)).toEqual([...idleEntry('bmk'), ...wakeUp('bmk'), 'rump:scheduler: idle.exit, sched.look, sched.switch']);
    expect(idle).toBeGreaterThan(0);
    expect(atBatch).toBe(idle);
  });
});

describe('a timer interrupt (5c iv)', () => {
  const FROM = 19_500 * US;
  const TO = 20_500 * US;

  test.each(SEL4)('%s: the timing thread acknowledges, signals and waits; the clock thread runs; idle again', (name) => {
    const stage = scene(name);
    expect(record(stage, FROM, TO)).toEqual([
      TIMER_DELIVER[name],
      'rump:timing-thread: refill/rumprun, sel4.timer-thread',
      TIMER_ACK[name],
      SIGNAL_SLEEPER,
      RECV_TO_RUMP,
      // The clock thread was the last one, too: nothing is switched.
      'rump:scheduler: idle.exit, sched.look, sched.expire',
      'rump:clock: clock.tick',
      ...idleEntry(name),
    ]);
  });

  test('bmk: one write ends it, and leaving the idle loop is enough', () => {
    const stage = scene('bmk');
    expect(record(stage, FROM, TO)).toEqual([
      'bmk:interrupt: pic/inta, interrupt/entry-and-return, bmk.clock-isr, out 20=20',
      'rump:scheduler: idle.exit, sched.look, sched.expire',
      'rump:clock: clock.tick',
      ...idleEntry('bmk'),
    ]);
  });

  // Section 5d: 5 port accesses of the PIC (3 at entry, 2 at the acknowledgement) and 3 of the PIT; bare metal 1 and 2.
  test.each([['sel4-pic', 2, 6], ['sel4-ioapic', 0, 0], ['sel4-msi', 0, 0], ['bmk', 0, 3]] as const)('%s: %i INs and %i OUTs', (name, ins, outs) => {
    const { bench } = scene(name);
    const read = counts(bench, FROM, ['port.read', 'port.write', 'interrupts.timer', 'timer.programmed']);
    bench.run(TO);
    expect(read()).toEqual({ 'port.read': ins, 'port.write': outs, 'interrupts.timer': 1, 'timer.programmed': 1 });
  });

  test.each(SEL4)('%s: while rump runs it leaves its signal, and the next Recv returns at once: one more programming', (name) => {
    const stage = scene(name);
    const { bench } = stage;
    // A batch of 30 frames takes more than 50 us; the hardclock is due in the middle of it.
    bench.frames(19_970 * US, 30);
    const read = counts(bench, FROM, ['timer.programmed', 'interrupts.timer', 'kernel.recv', 'kernel.send']);
    const lines = record(stage, FROM, TO);
    const clock = lines.findIndex((line) => line.startsWith('rump:clock'));
    expect(read()['interrupts.timer']).toBe(1);
    // After iperf, not before: a timeout is looked at when a thread blocks, and goes to the tail.
    expect(lines.slice(0, clock).some((line) => line.startsWith('rump:timing-thread: sel4.timer-thread'))).toBe(true);
    expect(lines.slice(clock)).toEqual([
      'rump:clock: clock.tick',
      ...PROGRAM[name],
      'kernel:recv: stub/syscall/entry, sel4/wait.pending, stub/syscall/exit',
      ...PROGRAM[name].slice(0, 1).map((line) => line.replace('rump:scheduler: ', 'rump:scheduler: idle.exit, ')),
      ...PROGRAM[name].slice(1),
      ...RECV_TO_IDLE,
    ]);
  });
});

describe('the kernel tick (5d)', () => {
  test.each(SEL4)('%s: 500 a second, an end of interrupt each, no thread changed', (name) => {
    const stage = scene(name);
    expect(record(stage, 20_900 * US, 21_500 * US)).toEqual(['kernel:tick: stub/interrupt/entry, mmio/lapic/eoi, sel4/tick, stub/interrupt/exit']);
    stage.journal.close();
    const { bench } = scene(name);
    bench.run(1000 * MS);
    expect(bench.count('interrupts.tick')).toBe(500);
  });

  test('every fourth one ends a time slice of the idle loop', () => {
    const { bench, journal } = scene('sel4-msi');
    let ended = 0;
    journal.onAct((act) => {
      if (act === 'sel4/tick.slice-over') ended++;
    });
    bench.run(1000 * MS);
    expect(ended).toBe(500 / 4);
  });

  test('bmk: none', () => {
    const stage = scene('bmk');
    expect(record(stage, 20_900 * US, 21_500 * US)).toEqual([]);
  });
});

describe('the timer as it is programmed', () => {
  test.each(['sel4-pic', 'bmk'] as const)('%s: the count leads to the next hardclock, no later than its own programming', (name) => {
    const { bench, journal } = scene(name);
    bench.frames(FRAME);
    bench.at(IDLE_FROM, () => journal.clear());
    let last: Tick = 0;
    const bytes: number[] = [];
    journal.onAct((act) => {
      if (!act.startsWith('out 40=') || bench.machine.core.now < FRAME) return;
      bytes.push(Number.parseInt(act.slice(7), 16));
      last = bench.machine.core.now;
    });
    bench.run(IDLE_TO);
    expect(bytes).toHaveLength(2);
    const due = last + (((bytes[1] ?? 0) << 8) | (bytes[0] ?? 0)) * (1e12 / PIT_HZ);
    expect(due).toBeGreaterThan(20 * MS - US);
    expect(due).toBeLessThan(20 * MS + 6 * US);
  });

  test.each(ALL)('%s: 100 timer interrupts a second when nothing else happens, and one programming each', (name) => {
    const { bench } = scene(name);
    bench.run(1005 * MS);
    expect(bench.count('interrupts.timer')).toBe(100);
    expect(bench.count('timer.programmed')).toBe(101);
  });
});
