import { execute, oncePerTable, type PathTable, spend } from '../../hw/path.ts';
import type { ControllerKind } from '../../hw/interrupt-route.ts';

/** What signalling a notification executes, by what it finds: active already, nobody waiting, or a waiter that the kernel does not switch to or does. */
export interface SignalPaths<T = number> {
  readonly active: T;
  readonly noWaiter: T;
  readonly noSwitch: T;
  readonly switchSame: T;
  readonly switchOther: T;
}

/** Paths of one interrupt controller: what an interrupt entry and an acknowledgement execute, without the device accesses. */
export interface InterruptPaths extends SignalPaths {
  readonly ack: number;
}

/** The kernel's paths, by what the entry finds (measured case by case: docs/sources/sel4-paths.csv). Ids of the composition's path table. */
export interface KernelPaths {
  readonly syscallEntry: number;
  readonly syscallExit: number;
  readonly interruptEntry: number;
  readonly interruptExit: number;
  readonly signal: SignalPaths;
  readonly waitPending: number;
  readonly waitSwitchSame: number;
  readonly waitSwitchOther: number;
  readonly portOut: number;
  readonly tick: number;
  readonly tickSliceOver: number;
  readonly interrupt: Readonly<Record<ControllerKind, InterruptPaths>>;
}

/** A measured path less the instructions of the entry and exit stubs, which are paid for in `stub/` paths. */
function body(paths: PathTable, name: string, otherSpace = false): number {
  const id = `insn.sel4.${name}`;
  const stub = execute('kernel', 'insn.sel4.stub', -1);
  return otherSpace ? paths.define(`sel4/${name}`, execute('kernel', id), stub, spend('cr3.write')) : paths.define(`sel4/${name}`, execute('kernel', id), stub);
}

function interruptPaths(paths: PathTable, kind: ControllerKind): InterruptPaths {
  return {
    active: body(paths, `irq.${kind}.no-waiter`),
    noWaiter: body(paths, `irq.${kind}.no-waiter`),
    noSwitch: body(paths, `irq.${kind}.no-switch`),
    switchSame: body(paths, `irq.${kind}.switch-same`),
    switchOther: body(paths, `irq.${kind}.switch-other`, true),
    ack: body(paths, `ack.${kind}`),
  };
}

export const kernelPaths = oncePerTable((paths): KernelPaths => {
  return {
    syscallEntry: paths.define('stub/syscall/entry', spend('sel4.syscall.entry')),
    syscallExit: paths.define('stub/syscall/exit', spend('sel4.syscall.exit')),
    interruptEntry: paths.define('stub/interrupt/entry', spend('sel4.interrupt.entry')),
    interruptExit: paths.define('stub/interrupt/exit', spend('sel4.interrupt.exit')),
    signal: {
      active: body(paths, 'signal.active'),
      noWaiter: body(paths, 'signal.no-waiter'),
      noSwitch: body(paths, 'signal.no-switch'),
      switchSame: body(paths, 'signal.switch-same'),
      switchOther: body(paths, 'signal.switch-other', true),
    },
    waitPending: body(paths, 'wait.pending'),
    waitSwitchSame: body(paths, 'wait.switch-same'),
    waitSwitchOther: body(paths, 'wait.switch-other', true),
    portOut: body(paths, 'ioport.out8'),
    tick: body(paths, 'tick'),
    tickSliceOver: body(paths, 'tick.slice-over'),
    interrupt: { pic: interruptPaths(paths, 'pic'), ioapic: interruptPaths(paths, 'ioapic'), msi: interruptPaths(paths, 'msi') },
  };
});
