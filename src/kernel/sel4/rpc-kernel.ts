import type { Tick } from '../../events/time.ts';
import { ZERO } from '../../events/zero.ts';
import type { Core } from '../../hw/core.ts';
import type { Counters } from '../../hw/counters.ts';
import type { InterruptRoute } from '../../hw/interrupt-route.ts';
import type { LocalApic } from '../../hw/local-apic.ts';
import type { Pic } from '../../hw/pic.ts';
import type { PortIo } from '../../hw/port-io.ts';
import type { Sequence } from '../../hw/sequence.ts';
import { type Call, EntryKind } from './entry-kind.ts';
import type { IrqHandler } from './irq-handler.ts';
import { Sel4Kernel } from './kernel.ts';
import { type Operation, OTHER_CALLS } from './operation.ts';
import type { InterruptPaths } from './paths.ts';
import { type RpcPaths, rpcPaths } from './rpc-paths.ts';
import { entryIndex, type EntryName, EntryTally } from './tally.ts';
import type { Notification, Tcb } from './thread.ts';

const IRQ_TIMER = entryIndex('irq_timer');
const NESTED = entryIndex('nested_rest');

/** An endpoint with one server, whose notification is bound to its thread: waiting for a message it can be signalled as well. */
export class Endpoint {
  readonly bound: Notification;
  /** The server, while it waits. */
  receiver: Tcb | null = null;
  /** Who waits for a reply. */
  caller: Tcb | null = null;

  constructor(bound: Notification) {
    this.bound = bound;
  }
}

/** The kernel with what the 2023 platform uses besides: calls to a server, bound notifications, port capabilities made for each access, thread pointers set by the kernel. Every entry is counted by name. */
export class RpcKernel extends Sel4Kernel {
  readonly tally = new EntryTally();
  private readonly rpc: RpcPaths;
  private readonly callSlow: Call;
  private readonly reply: Call;
  private readonly replyReady: Call;
  private readonly replyPending: Call;
  private readonly recvPending: Call;
  private readonly recvSwitchSame: Call;
  private readonly recvSwitchOther: Call;
  private readonly issue: Call;
  private readonly deletion: Call;
  private readonly threadPointer: EntryKind;
  /** Notifications bound to a server. */
  private readonly bound = new Set<Notification>();
  private from: Tick = ZERO;
  private nested = false;

  constructor(core: Core, counters: Counters, ports: PortIo | null, pic: Pic | null, apic: LocalApic, tickRoute: InterruptRoute, tickVector: number, sliceTicks: number, idle: Tcb) {
    super(core, counters, ports, pic, apic, tickRoute, tickVector, sliceTicks, idle);
    this.rpc = rpcPaths(core.paths);
    const { rpc } = this;
    const call = (operation: Operation, name: EntryName, path: number): Call => this.calls.define(new EntryKind(core, counters, operation, name), path);
    this.callSlow = call('send', 'Call_slow', rpc.call);
    this.reply = call('recv', 'ReplyRecv', rpc.replyRecv);
    this.replyReady = call('recv', 'ReplyRecv_slow', rpc.replyRecvReady);
    this.replyPending = call('recv', 'ReplyRecv_slow', rpc.replyRecvPending);
    this.recvPending = call('recv', 'Recv', rpc.recvPending);
    this.recvSwitchSame = call('recv', 'Recv', rpc.recvSwitchSame);
    this.recvSwitchOther = call('recv', 'Recv', rpc.recvSwitchOther);
    this.issue = call('ioport', 'IOPortControl_Issue', rpc.issuePort);
    this.deletion = call('ioport', 'CNode_Delete', rpc.deletePort);
    this.threadPointer = new EntryKind(core, counters, OTHER_CALLS, 'SetTLSBase');
  }

  bind(endpoint: Endpoint): void {
    this.bound.add(endpoint.bound);
  }

  /** seL4_Call of a message that is too long for registers. Returns when the reply has come. The server has the higher priority and waits, or the caller would not run. */
  call(endpoint: Endpoint): void {
    const caller = this.current;
    const server = endpoint.receiver;
    if (server === null) throw new Error('a call to a server that does not wait');
    const { context } = this.core;
    endpoint.receiver = null;
    endpoint.bound.waiter = null;
    endpoint.caller = caller;
    this.block(caller);
    this.ready.add(server);
    this.current = server;
    this.perform(this.callSlow);
    this.backTo(caller, context);
  }

  /** seL4_ReplyRecv. True: the bound notification was active. False: the server is blocked and its program must return. */
  replyRecv(endpoint: Endpoint): boolean {
    const server = this.current;
    const client = endpoint.caller;
    if (client === null) throw new Error('a reply that nobody waits for');
    endpoint.caller = null;
    this.ready.add(client);
    if (endpoint.bound.active) {
      const { context } = this.core;
      endpoint.bound.active = false;
      this.perform(this.replyPending);
      this.backTo(server, context);
      return true;
    }
    this.current = this.listen(server, endpoint);
    this.perform(this.current === client ? this.reply : this.replyReady);
    return false;
  }

  /** seL4_Recv. True: the bound notification was active. False: the server is blocked and its program must return. */
  recv(endpoint: Endpoint): boolean {
    const server = this.current;
    if (endpoint.bound.active) {
      const { context } = this.core;
      endpoint.bound.active = false;
      this.perform(this.recvPending);
      this.backTo(server, context);
      return true;
    }
    this.current = this.listen(server, endpoint);
    this.perform(this.current.vspace === this.loaded ? this.recvSwitchSame : this.recvSwitchOther);
    return false;
  }

  /** seL4_SetTLSBase. */
  setTlsBase(): void {
    const { core, threadPointer } = this;
    const { context } = core;
    core.disableInterrupts();
    this.from = core.now;
    core.context = threadPointer.context;
    core.run(this.paths.syscallEntry);
    this.counters.add(threadPointer.counter);
    core.run(this.rpc.setTlsBase);
    core.run(this.paths.syscallExit);
    this.tally.add(threadPointer.name, core.now - this.from);
    core.context = context;
    core.enableInterrupts();
  }

  /** Makes the capability for a port, before an access. */
  issuePort(): void {
    this.plain(this.issue);
  }

  /** Deletes it, after. */
  deletePort(): void {
    this.plain(this.deletion);
  }

  private plain(call: Call): void {
    const caller = this.current;
    const { context } = this.core;
    this.perform(call);
    this.backTo(caller, context);
  }

  /** The server waits for a message or a signal. @returns who runs next. */
  private listen(server: Tcb, endpoint: Endpoint): Tcb {
    endpoint.receiver = server;
    endpoint.bound.waiter = server;
    return this.block(server);
  }

  protected override performAtOnce(call: Call): boolean {
    const from = this.core.now;
    if (!super.performAtOnce(call)) return false;
    this.tally.add(call.kind.name, this.core.now - from);
    return true;
  }

  protected override enterAtOnce(kind: EntryKind, sequence: Sequence): boolean {
    const from = this.core.now;
    if (!super.enterAtOnce(kind, sequence)) return false;
    this.from = from;
    return true;
  }

  protected override enter(kind: EntryKind): void {
    this.from = this.core.now;
    super.enter(kind);
  }

  protected override leave(): void {
    super.leave();
    this.tally.add(this.kind.name, this.core.now - this.from);
  }

  /** What is pending when an interrupt has been handled is handled in the same entry (x86KSPendingInterrupt). */
  protected override takeMore(): void {
    this.nested = true;
    while (this.core.interruptRequest !== 0) this.take();
    this.nested = false;
  }

  protected override interruptPaths(handler: IrqHandler): InterruptPaths {
    return this.bound.has(handler.notification) ? this.rpc.bound[handler.route.kind] : super.interruptPaths(handler);
  }

  protected override deliver(handler: IrqHandler | undefined): void {
    const from = this.core.now;
    super.deliver(handler);
    const timer = handler !== undefined && this.bound.has(handler.notification);
    this.tally.add(this.nested ? NESTED : timer ? IRQ_TIMER : this.calls.kinds['irq-deliver'].name, this.core.now - from);
  }

  protected override tick(): void {
    const from = this.core.now;
    super.tick();
    this.tally.add(this.nested ? NESTED : this.calls.kinds.tick.name, this.core.now - from);
  }
}
