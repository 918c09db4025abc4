import type { Tick } from '../../events/time.ts';
import type { Core } from '../../hw/core.ts';
import type { Counters } from '../../hw/counters.ts';
import { ticksOf } from '../../hw/path.ts';
import type { PortIo } from '../../hw/port-io.ts';
import { type Access, joined, type Part, part, type Sequence } from '../../hw/sequence.ts';
import { type Call, EntryKind } from './entry-kind.ts';
import type { Delivery, InterruptExecution, IrqHandler } from './irq-handler.ts';
import type { Operation } from './operation.ts';
import type { InterruptPaths, KernelPaths, SignalPaths } from './paths.ts';
import type { EntryName } from './tally.ts';

/** The same for each case. */
function each<T>({ active, noWaiter, noSwitch, switchSame, switchOther }: SignalPaths, of: (path: number) => T): SignalPaths<T> {
  return { active: of(active), noWaiter: of(noWaiter), noSwitch: of(noSwitch), switchSame: of(switchSame), switchOther: of(switchOther) };
}

/** Invocations of IOPort_Out8 in a row, as two sequences: up to the last access, and the rest of the last one. */
export interface PortWrites {
  readonly ports: PortIo;
  readonly numbers: readonly number[];
  readonly beginning: Part;
  readonly rest: Part;
  /** Time from an access to the next one. */
  readonly period: Tick;
  /** Time of each between the hooks of the entry log. */
  readonly inside: Tick;
}

/** The kernel's entries from their first to their last instruction, with what they are booked on. */
export class Calls {
  readonly kinds: Readonly<Record<Operation, EntryKind>>;
  readonly signal: SignalPaths<Call>;
  readonly waitPending: Call;
  readonly waitSwitchSame: Call;
  readonly waitSwitchOther: Call;
  /** Lengths of a system call's stubs. */
  readonly entryTicks: Tick;
  readonly exitTicks: Tick;
  private readonly core: Core;
  private readonly counters: Counters;
  private readonly paths: KernelPaths;
  /** By port. */
  private readonly portWrites: Sequence[] = [];

  constructor(core: Core, counters: Counters, paths: KernelPaths) {
    this.core = core;
    this.counters = counters;
    this.paths = paths;
    const kind = (operation: Operation, name: EntryName): EntryKind => new EntryKind(core, counters, operation, name);
    const kinds = {
      'irq-deliver': kind('irq-deliver', 'irq_nic'),
      'irq-ack': kind('irq-ack', 'IRQHandlerAck'),
      ioport: kind('ioport', 'IOPort'),
      send: kind('send', 'Signal'),
      recv: kind('recv', 'Wait'),
      tick: kind('tick', 'tick'),
    };
    this.kinds = kinds;
    this.entryTicks = core.paths.path(paths.syscallEntry).ticks;
    this.exitTicks = core.paths.path(paths.syscallExit).ticks;
    this.signal = each(paths.signal, (path) => this.define(kinds.send, path));
    this.waitPending = this.define(kinds.recv, paths.waitPending);
    this.waitSwitchSame = this.define(kinds.recv, paths.waitSwitchSame);
    this.waitSwitchOther = this.define(kinds.recv, paths.waitSwitchOther);
  }

  /** A system call that executes `body` and makes device accesses. */
  define(kind: EntryKind, body: number, accesses: readonly Access[] = []): Call {
    const { core, counters, paths: { syscallEntry, syscallExit } } = this;
    const whole = core.defineSequence(kind.context, [syscallEntry, body, ...accesses.map(({ path }) => path), syscallExit], counters, [kind.counter, ...accesses.map(({ counter }) => counter)]);
    return { kind, body, whole, inside: whole.ticks - this.entryTicks - this.exitTicks };
  }

  /** Delivering and acknowledging the interrupts of a source. */
  interrupt(handler: IrqHandler, paths: InterruptPaths): InterruptExecution {
    return { deliveries: each(paths, (body) => this.delivery(handler, body)), acknowledgement: this.define(this.kinds['irq-ack'], paths.ack, handler.route.unmasking) };
  }

  /** IOPort_Out8 from the entry to the access. */
  portWrite(port: number, ports: PortIo): Sequence {
    const known = this.portWrites[port];
    if (known !== undefined) return known;
    const { syscallEntry, portOut } = this.paths;
    const { context, counter } = this.kinds.ioport;
    const access = ports.access('out', port);
    const sequence = this.core.defineSequence(context, [syscallEntry, portOut, access.path], this.counters, [counter, access.counter]);
    this.portWrites[port] = sequence;
    return sequence;
  }

  /** All of the same device. */
  portWritesInARow(ports: PortIo, numbers: readonly number[]): PortWrites {
    const { core, paths: { syscallEntry, portOut, syscallExit } } = this;
    const { context, counter } = this.kinds.ioport;
    const rest = part(context, [syscallExit]);
    const calls = numbers.map((number) => {
      const access = ports.access('out', number);
      return part(context, [syscallEntry, portOut, access.path], [counter, access.counter]);
    });
    const inside = ticksOf(core.paths, calls[0]?.paths.slice(1) ?? []);
    return { ports, numbers, beginning: joined(calls.flatMap((call, index) => (index === 0 ? [call] : [rest, call]))), rest, period: inside + this.entryTicks + this.exitTicks, inside };
  }

  private delivery({ route: { maskAndEnd }, counter }: IrqHandler, body: number): Delivery {
    const { core, counters, paths: { interruptEntry } } = this;
    const kind = this.kinds['irq-deliver'];
    const paths = [interruptEntry, ...maskAndEnd.map(({ path }) => path), body];
    const whole = core.defineSequence(kind.context, paths, counters, [kind.counter, counter, ...maskAndEnd.map((access) => access.counter)]);
    return { body, whole, inside: whole.ticks - core.paths.path(interruptEntry).ticks };
  }
}
