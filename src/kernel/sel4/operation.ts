/** What a kernel entry was made for; Fig 5's categories. Each is a ledger context of its own. */
export const OPERATIONS = ['irq-deliver', 'irq-ack', 'ioport', 'send', 'recv', 'tick'] as const;

export type Operation = (typeof OPERATIONS)[number];

/** Ledger context of an operation. */
export function operationContext(operation: Operation): string {
  return `kernel:${operation}`;
}

/** Whether a path lies outside the paper's hooks, which sit in the C code: entry and exit stubs, and the hardware's own interrupt acknowledge cycle. */
export function outsideHooks(path: string): boolean {
  return path.startsWith('stub/') || path === 'pic/inta';
}
