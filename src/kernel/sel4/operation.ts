/** What a kernel entry was made for; Fig 5's categories. Each is a ledger context of its own. */
export const OPERATIONS = ['irq-deliver', 'irq-ack', 'ioport', 'send', 'recv', 'tick'] as const;

export type Operation = (typeof OPERATIONS)[number];

/** Calls that Fig 5 has no category for: a later platform makes them. */
export const OTHER_CALLS = 'other';

/** The operation that a ledger context belongs to; undefined: not one of a kernel's. */
export function operationOf(context: string): string | undefined {
  return [...OPERATIONS, OTHER_CALLS].find((operation) => context === `kernel:${operation}`);
}

/** Ledger context of an operation. */
export function operationContext(operation: Operation | typeof OTHER_CALLS): string {
  return `kernel:${operation}`;
}

/** Whether a path lies outside the paper's hooks, which sit in the C code: entry and exit stubs, and the hardware's own interrupt acknowledge cycle. */
export function outsideHooks(path: string): boolean {
  return path.startsWith('stub/') || path === 'pic/inta';
}
