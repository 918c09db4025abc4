import { operation } from '../../anykernel/operation.ts';
import { execute, oncePerTable, spend } from '../../hw/path.ts';

/** Ids of the kernel's own paths in the composition's table. */
export interface KernelPaths {
  readonly interruptEntry: number;
  readonly interruptExit: number;
  readonly interruptStub: number;
  readonly syscallEntry: number;
  readonly syscallExit: number;
  readonly softintSwitch: number;
  readonly softintHandler: number;
  readonly softintBlocks: number;
  readonly softintWakes: number;
  readonly switchToProcess: number;
  readonly switchToIdle: number;
  readonly idle: number;
  readonly busMaster: number;
  readonly timerRead: number;
  readonly wakeUp: number;
  readonly tick: number;
  readonly refill: number;
}

export const kernelPaths = oncePerTable((paths): KernelPaths => {
  const native = (name: string, times = 1) => execute('native', `insn.netbsd.${name}`, times);
  const refill = spend('stage.refill');
  return {
    interruptEntry: paths.define('interrupt/entry', spend('netbsd.interrupt.entry')),
    interruptExit: paths.define('interrupt/exit', spend('netbsd.interrupt.exit')),
    interruptStub: paths.define('interrupt/stub', native('interrupt'), refill),
    syscallEntry: paths.define('syscall/entry', spend('netbsd.trap.entry'), native('syscall')),
    syscallExit: paths.define('syscall/exit', spend('netbsd.trap.exit')),
    softintSwitch: paths.define('softint/switch', native('softint'), refill),
    softintHandler: paths.define('softint/handler', native('softint.handler')),
    softintBlocks: paths.define('softint/blocks', native('softint.block')),
    softintWakes: paths.define('softint/wakes', native('softint.block'), native('switch', 2), refill),
    switchToProcess: paths.define('switch/process', native('switch'), native('pmap'), refill),
    switchToIdle: paths.define('switch/idle', native('switch')),
    idle: paths.define('idle/enter', native('idle')),
    busMaster: paths.define('port/bus-master', spend('netbsd.idle.bus-master', 0.5)),
    timerRead: paths.define('port/pm-timer/in', spend('acpi.pm-timer.in')),
    wakeUp: paths.define('idle/wake-up', spend('netbsd.idle.refill')),
    tick: operation(paths, 'clock.tick'),
    refill: paths.define('stage/refill', refill),
  };
});
