/** Interrupt priority levels (src-netbsd b8b951e9 sys/arch/x86/include/intrdefs.h 7-15). A source interrupts code that runs at a lower level than its own. */
export const IPL_NONE = 0;
export const IPL_SOFTCLOCK = 2;
export const IPL_SOFTNET = 4;
/** IPL_NET is IPL_VM. */
export const IPL_NET = 6;
export const IPL_SCHED = 7;

/**
 * What can be pending, by bit. Of several that a level lets in the highest bit goes first (spl.S takes it with BSR, 203-209 and 270-276), and the numbers keep the kernel's order:
 * LAPIC timer 30, softnet 28, softclock 26, devices from 0 up (intrdefs.h 28-41).
 */
export const DEVICE = 0;
export const SOFTCLOCK = 1;
export const SOFTNET = 2;
export const CLOCK = 3;

const LEVEL_OF: readonly number[] = [IPL_NET, IPL_SOFTCLOCK, IPL_SOFTNET, IPL_SCHED];

/** For each level the sources that it lets in, one bit each. */
export const UNMASKED: readonly number[] = Array.from({ length: IPL_SCHED + 1 }, (_, level) => LEVEL_OF.reduce((bits, own, source) => (own > level ? bits | (1 << source) : bits), 0));

/** What statclock finds the CPU doing (sys/sys/sched.h); nobody is nice here. */
export const CP_USER = 0;
export const CP_SYS = 1;
export const CP_INTR = 2;
export const CP_IDLE = 3;
