import type { ControllerKind } from '../../hw/interrupt-route.ts';
import { execute, oncePerTable, spend } from '../../hw/path.ts';
import type { InterruptPaths } from './paths.ts';

/** Paths of the kernel that only the 2023 platform takes. */
export interface RpcPaths {
  readonly call: number;
  readonly replyRecv: number;
  readonly replyRecvReady: number;
  readonly replyRecvPending: number;
  readonly recvPending: number;
  readonly recvSwitchSame: number;
  readonly recvSwitchOther: number;
  readonly setTlsBase: number;
  readonly issuePort: number;
  readonly deletePort: number;
  /** Interrupts whose notification is bound to a server that waits for a message. */
  readonly bound: Readonly<Record<ControllerKind, InterruptPaths>>;
}

export const rpcPaths = oncePerTable((paths): RpcPaths => {
  const body = (name: string, otherSpace = false): number => {
    const steps = [execute('kernel', `insn.sel4.${name}`), execute('kernel', 'insn.sel4.stub', -1), ...(otherSpace ? [spend('cr3.write')] : [])];
    return paths.define(`sel4/${name}`, ...steps);
  };
  const bound = (kind: ControllerKind, controller: string): InterruptPaths => ({
    active: body(`irq.${controller}.bound.active`),
    noWaiter: body(`irq.${controller}.bound.active`),
    noSwitch: body(`irq.${controller}.bound.active`), // no thread is above a server of the highest priority
    switchSame: body(`irq.${controller}.bound.same`),
    switchOther: body(`irq.${controller}.bound.other`, true),
    ack: body(`ack.${kind}`),
  });
  return {
    call: body('call.slow', true),
    replyRecv: body('reply-recv', true),
    replyRecvReady: body('reply-recv.ready', true),
    replyRecvPending: body('reply-recv.pending'),
    recvPending: body('recv.pending'),
    recvSwitchSame: body('recv.switch-same'),
    recvSwitchOther: body('recv.switch-other', true),
    setTlsBase: body('set-tls-base'),
    issuePort: body('ioport.issue'),
    deletePort: body('cnode.delete'),
    bound: { pic: bound('pic', 'pic'), ioapic: bound('ioapic', 'ioapic'), msi: bound('msi', 'ioapic') },
  };
});
