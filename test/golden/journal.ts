import { type MockInstance, vi } from 'vitest';
import type { Core } from '../../src/hw/core.ts';
import { PortIo } from '../../src/hw/port-io.ts';

/**
 * What a core runs, act by act: the ledger context and the path of each `run`, `runMany`, `spend` and `stall`; a port access by port and value. Acts of one context in a
 * row share a line, `context: act, act`; the same act many times in a row is `act x n`.
 */
export class Journal {
  private readonly acts: { readonly context: string; readonly act: string }[] = [];
  private readonly listeners: ((act: string) => void)[] = [];
  private readonly spies: MockInstance[];

  constructor(core: Core) {
    const { run, runMany, spend, stall } = core;
    const name = (path: number): string => core.paths.path(path).name;
    let port = '';
    let within = false;
    core.run = (path) => {
      this.note(core, name(path));
      run.call(core, path);
    };
    core.runMany = (path, times) => {
      if (times === 0) return;
      this.note(core, times === 1 ? name(path) : `${name(path)} x ${times}`);
      // It spends through `spend`, which is not one more act.
      within = true;
      runMany.call(core, path, times);
    };
    core.spend = (path, ticks) => {
      if (!within) this.note(core, name(path));
      within = false;
      spend.call(core, path, ticks);
    };
    core.stall = (path) => {
      this.note(core, port === '' ? name(path) : port);
      port = '';
      stall.call(core, path);
    };
    // Each act by itself.
    core.fits = () => false;
    core.repeatHere = () => 0;
    const { in8, out8 } = PortIo.prototype;
    this.spies = [
      vi.spyOn(PortIo.prototype, 'in8').mockImplementation(function read(this: PortIo, number) {
        port = `in ${number.toString(16)}`;
        return in8.call(this, number);
      }),
      vi.spyOn(PortIo.prototype, 'out8').mockImplementation(function write(this: PortIo, number, value) {
        port = `out ${number.toString(16)}=${value.toString(16).padStart(2, '0')}`;
        out8.call(this, number, value);
      }),
    ];
  }

  /** Calls `listener` with every act, as it begins. */
  onAct(listener: (act: string) => void): void {
    this.listeners.push(listener);
  }

  clear(): void {
    this.acts.length = 0;
  }

  /** Takes the spies off. */
  close(): void {
    for (const spy of this.spies) spy.mockRestore();
  }

  /** Acts since `clear`, one line a context. */
  lines(): string[] {
    const lines: string[] = [];
    let last = '';
    for (const { context, act } of this.acts) {
      if (context === last) lines[lines.length - 1] += `, ${act}`;
      else lines.push(`${context}: ${act}`);
      last = context;
    }
    return lines;
  }

  private note(core: Core, act: string): void {
    this.acts.push({ context: core.ledger.contexts[core.context] ?? '?', act });
    for (const listener of this.listeners) listener(act);
  }
}
