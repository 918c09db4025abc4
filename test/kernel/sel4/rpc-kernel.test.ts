import { describe, expect, test } from 'vitest';
import { Fingerprint } from '../../../src/events/fingerprint.ts';
import { Event } from '../../../src/events/event.ts';
import { Priority } from '../../../src/events/priority.ts';
import { Simulator } from '../../../src/events/simulator.ts';
import { MS, type Tick, US } from '../../../src/events/time.ts';
import { Core } from '../../../src/hw/core.ts';
import { CostTable } from '../../../src/hw/cost.ts';
import { MACHINE_COSTS } from '../../../src/hw/costs.ts';
import { Counters } from '../../../src/hw/counters.ts';
import { LocalApicEnd, MsiRoute } from '../../../src/hw/interrupt-route.ts';
import { LocalApic } from '../../../src/hw/local-apic.ts';
import { PathTable, spend } from '../../../src/hw/path.ts';
import { SEL4_COSTS } from '../../../src/kernel/sel4/costs.ts';
import { IrqHandler } from '../../../src/kernel/sel4/irq-handler.ts';
import { RPC_COSTS } from '../../../src/kernel/sel4/rpc-costs.ts';
import { Endpoint, RpcKernel } from '../../../src/kernel/sel4/rpc-kernel.ts';
import { ENTRY_NAMES } from '../../../src/kernel/sel4/tally.ts';
import { Notification, type Program, Tcb } from '../../../src/kernel/sel4/thread.ts';

const TIMER = 0x50;
const DEVICE = 0x40;

/** A server above a client and an idle thread; a device thread between them. Each yield is a call that blocked. */
class RpcBench {
  readonly simulator = new Simulator();
  readonly paths = new PathTable(new CostTable([...MACHINE_COSTS, ...SEL4_COSTS, ...RPC_COSTS]));
  readonly core = new Core(this.simulator, this.paths, new Fingerprint());
  readonly apic = new LocalApic(this.core, this.simulator);
  readonly endpoint = new Endpoint(new Notification('timer'));
  readonly device = new Notification('device');
  readonly log: string[] = [];
  readonly entries: string[] = [];
  readonly kernel: RpcKernel;
  /** User work of a millisecond. */
  readonly work: number;
  private readonly counters = new Counters();

  constructor() {
    const { core, paths } = this;
    const space = (name: string) => ({ name, refill: paths.define(`refill/${name}`, spend('tlb.refill')) });
    const root = space('root');
    const idle = new Tcb('idle', 0, root, core.defineContext('idle'), { resume: () => core.idle() });
    const end = new LocalApicEnd(core, this.apic, this.counters, paths);
    this.kernel = new RpcKernel(core, this.counters, null, null, this.apic, new MsiRoute(end), 0x9d, 5, idle);
    this.work = paths.define('work', ...Array.from({ length: 1000 }, () => spend('nic.mmio.read')));
    this.kernel.bind(this.endpoint);
    this.kernel.addHandler(new IrqHandler(TIMER, new MsiRoute(end), this.endpoint.bound, this.counters.define('timer')));
    this.kernel.addHandler(new IrqHandler(DEVICE, new MsiRoute(end), this.device, this.counters.define('device')));
    const { tally } = this.kernel;
    const add = tally.add.bind(tally);
    tally.add = (name, ticks) => {
      this.entries.push(ENTRY_NAMES[name] ?? '');
      add(name, ticks);
    };
    this.thread('server', 3, root, this.serve());
    this.thread('device', 2, space('device'), this.handle());
  }

  thread(name: string, priority: number, space: Tcb['vspace'], body: Generator<void, void>): void {
    const program: Program = { resume: () => void body.next() };
    this.kernel.addThread(new Tcb(name, priority, space, this.core.defineContext(name), program));
  }

  client(body: () => Generator<void, void>): void {
    this.thread('client', 1, { name: 'client', refill: this.paths.define('refill/client', spend('tlb.refill')) }, body());
  }

  interrupt(vector: number, tick: Tick): void {
    this.simulator.schedule(new Event(`irq ${vector}`, Priority.interrupt, () => this.apic.accept(vector)), tick);
  }

  run(until: Tick): void {
    this.core.powerOn();
    this.simulator.schedule(new Event('stop', Priority.boundary, () => {
      this.core.stopped = true;
    }), until);
    this.kernel.run();
  }

  private *serve(): Generator<void, void> {
    const { kernel, endpoint, core } = this;
    let signalled = kernel.recv(endpoint);
    for (;;) {
      if (!signalled) {
        yield;
        signalled = endpoint.caller === null;
      }
      this.log.push(signalled ? 'timer' : 'request');
      core.run(this.work);
      if (signalled) signalled = kernel.recv(endpoint);
      else signalled = kernel.replyRecv(endpoint);
    }
  }

  private *handle(): Generator<void, void> {
    for (;;) {
      if (!this.kernel.wait(this.device)) yield;
      this.log.push('device');
    }
  }
}

function called(interrupts: (bench: RpcBench) => void): RpcBench {
  const bench = new RpcBench();
  const never = new Notification('never');
  bench.client(function* () {
    bench.kernel.call(bench.endpoint);
    bench.log.push('reply');
    bench.kernel.wait(never);
    yield;
  });
  interrupts(bench);
  bench.run(20 * MS);
  // Server and device thread block before the client runs.
  bench.entries.splice(0, 2);
  return bench;
}

describe('a call to the server', () => {
  test('runs the server, then the caller: a slow call, a fast reply', () => {
    const { log, entries } = called(() => {});
    expect(log).toEqual(['request', 'reply']);
    expect(entries).toEqual(['Call_slow', 'ReplyRecv', 'Wait']);
  });

  test('is answered slowly when an interrupt has made another thread ready meanwhile, which then runs first', () => {
    const { log, entries } = called((bench) => bench.interrupt(DEVICE, 500 * US));
    expect(log).toEqual(['request', 'device', 'reply']);
    expect(entries).toEqual(['Call_slow', 'irq_nic', 'ReplyRecv_slow', 'Wait', 'Wait']);
  });

  test('is answered slowly when the server has been signalled meanwhile: it handles that before the caller goes on', () => {
    const { log, entries } = called((bench) => bench.interrupt(TIMER, 500 * US));
    expect(log).toEqual(['request', 'timer', 'reply']);
    expect(entries).toEqual(['Call_slow', 'irq_timer', 'ReplyRecv_slow', 'Recv', 'Wait']);
  });
});

test('a signal to the bound notification wakes a server that waits for calls', () => {
  const { log, entries } = called((bench) => bench.interrupt(TIMER, 5 * MS));
  expect(log).toEqual(['request', 'reply', 'timer']);
  expect(entries.slice(3)).toEqual(['irq_timer', 'Recv']);
});

test('an interrupt that comes while another one is handled is handled in the same entry', () => {
  const { entries, log } = called((bench) => {
    bench.interrupt(DEVICE, 5 * MS);
    bench.interrupt(TIMER, 5 * MS);
  });
  expect(entries.slice(3, 5)).toEqual(['irq_nic', 'nested_rest']);
  expect(log.slice(2)).toEqual(['timer', 'device']);
});

test('a call without a server, and a reply without a caller, are mistakes', () => {
  const bench = new RpcBench();
  expect(() => bench.kernel.call(bench.endpoint)).toThrow('does not wait');
  expect(() => bench.kernel.replyRecv(bench.endpoint)).toThrow('nobody waits');
});
