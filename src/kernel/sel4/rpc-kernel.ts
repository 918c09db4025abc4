import type { Tick } from '../../events/time.ts';
import { ZERO } from '../../events/zero.ts';
import type { Core } from '../../hw/core.ts';
import type { Counters } from '../../hw/counters.ts';
import type { InterruptRoute } from '../../hw/interrupt-route.ts';
import type { LocalApic } from '../../hw/local-apic.ts';
import type { Pic } from '../../hw/pic.ts';
import type { PortIo } from '../../hw/port-io.ts';
import { type IrqHandler, Sel4Kernel } from './kernel.ts';
import { OPERATIONS, operationContext, OTHER_CALLS } from './operation.ts';
import type { InterruptPaths } from './paths.ts';
import { type RpcPaths, rpcPaths } from './rpc-paths.ts';
import { entryIndex, EntryTally } from './tally.ts';
import type { Notification, Tcb } from './thread.ts';

const SEND = OPERATIONS.indexOf('send');
const RECV = OPERATIONS.indexOf('recv');
const IOPORT = OPERATIONS.indexOf('ioport');
/** What the calls of the 2017 kernel are named in a tally, by operation. */
const NAMES: readonly number[] = OPERATIONS.map((operation) => entryIndex(({ 'irq-deliver': 'irq_nic', 'irq-ack': 'IRQHandlerAck', ioport: 'IOPort', send: 'Signal', recv: 'Wait', tick: 'tick' } as const)[operation]));
const IRQ_NIC = entryIndex('irq_nic');
const IRQ_TIMER = entryIndex('irq_timer');
const TICK = entryIndex('tick');
const NESTED = entryIndex('nested_rest');
const CALL = entryIndex('Call_slow');
const REPLY_RECV = entryIndex('ReplyRecv');
const REPLY_RECV_SLOW = entryIndex('ReplyRecv_slow');
const RECEIVE = entryIndex('Recv');
const SET_TLS_BASE = entryIndex('SetTLSBase');
const ISSUE = entryIndex('IOPortControl_Issue');
const DELETE = entryIndex('CNode_Delete');

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
  private readonly otherContext: number;
  private readonly otherCalls: number;
  /** Notifications bound to a server. */
  private readonly bound = new Set<Notification>();
  private name = 0;
  private from: Tick = ZERO;
  private nested = false;

  constructor(core: Core, counters: Counters, ports: PortIo | null, pic: Pic | null, apic: LocalApic, tickRoute: InterruptRoute, tickVector: number, sliceTicks: number, idle: Tcb) {
    super(core, counters, ports, pic, apic, tickRoute, tickVector, sliceTicks, idle);
    this.rpc = rpcPaths(core.paths);
    this.otherContext = core.defineContext(operationContext(OTHER_CALLS));
    this.otherCalls = counters.define(`kernel.${OTHER_CALLS}`);
  }

  bind(endpoint: Endpoint): void {
    this.bound.add(endpoint.bound);
  }

  /** seL4_Call of a message that is too long for registers. Returns when the reply has come. The server has the higher priority and waits, or the caller would not run. */
  call(endpoint: Endpoint): void {
    const caller = this.current;
    const server = endpoint.receiver;
    if (server === null) throw new Error('a call to a server that does not wait');
    const context = this.enter(SEND);
    this.name = CALL;
    endpoint.receiver = null;
    endpoint.bound.waiter = null;
    endpoint.caller = caller;
    caller.ready = false;
    this.makeReady(server);
    this.core.run(this.rpc.call);
    this.current = server;
    this.leave();
    this.backTo(caller, context);
  }

  /** seL4_ReplyRecv. True: the bound notification was active. False: the server is blocked and its program must return. */
  replyRecv(endpoint: Endpoint): boolean {
    const server = this.current;
    const client = endpoint.caller;
    if (client === null) throw new Error('a reply that nobody waits for');
    const context = this.enter(RECV);
    endpoint.caller = null;
    this.makeReady(client);
    if (endpoint.bound.active) {
      endpoint.bound.active = false;
      this.name = REPLY_RECV_SLOW;
      this.core.run(this.rpc.replyRecvPending);
      this.leave();
      this.backTo(server, context);
      return true;
    }
    const next = this.block(server, endpoint);
    this.name = next === client ? REPLY_RECV : REPLY_RECV_SLOW;
    this.core.run(next === client ? this.rpc.replyRecv : this.rpc.replyRecvReady);
    this.current = next;
    this.leave();
    return false;
  }

  /** seL4_Recv. True: the bound notification was active. False: the server is blocked and its program must return. */
  recv(endpoint: Endpoint): boolean {
    const server = this.current;
    const context = this.enter(RECV);
    this.name = RECEIVE;
    if (endpoint.bound.active) {
      endpoint.bound.active = false;
      this.core.run(this.rpc.recvPending);
      this.leave();
      this.backTo(server, context);
      return true;
    }
    const next = this.block(server, endpoint);
    this.core.run(next.vspace === this.loaded ? this.rpc.recvSwitchSame : this.rpc.recvSwitchOther);
    this.current = next;
    this.leave();
    return false;
  }

  /** seL4_SetTLSBase. */
  setTlsBase(): void {
    const { context } = this.core;
    this.core.disableInterrupts();
    this.from = this.core.now;
    this.core.context = this.otherContext;
    this.core.run(this.paths.syscallEntry);
    this.counters.add(this.otherCalls);
    this.core.run(this.rpc.setTlsBase);
    this.core.run(this.paths.syscallExit);
    this.tally.add(SET_TLS_BASE, this.core.now - this.from);
    this.core.context = context;
    this.core.enableInterrupts();
  }

  /** Makes the capability for a port, before an access. */
  issuePort(): void {
    this.plain(ISSUE, this.rpc.issuePort);
  }

  /** Deletes it, after. */
  deletePort(): void {
    this.plain(DELETE, this.rpc.deletePort);
  }

  private plain(name: number, path: number): void {
    const caller = this.current;
    const context = this.enter(IOPORT);
    this.name = name;
    this.core.run(path);
    this.leave();
    this.backTo(caller, context);
  }

  private block(server: Tcb, endpoint: Endpoint): Tcb {
    server.ready = false;
    endpoint.receiver = server;
    endpoint.bound.waiter = server;
    return this.chooseThread();
  }

  protected override enter(operation: number): number {
    this.from = this.core.now;
    this.name = NAMES[operation]!; // an index of OPERATIONS
    return super.enter(operation);
  }

  protected override leave(): void {
    super.leave();
    this.tally.add(this.name, this.core.now - this.from);
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
    this.tally.add(this.nested ? NESTED : timer ? IRQ_TIMER : IRQ_NIC, this.core.now - from);
  }

  protected override tick(): void {
    const from = this.core.now;
    super.tick();
    this.tally.add(this.nested ? NESTED : TICK, this.core.now - from);
  }
}
