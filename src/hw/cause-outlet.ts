import type { Tick } from '../events/time.ts';
import type { CauseRegister, CauseSink } from './interrupt-causes.ts';

/** Where the NIC's causes go: to ICR and one interrupt for all of them, or in MSI-X mode to vectors. What has occurred up to a time is told together. */
export class CauseOutlet {
  /** In MSI-X mode; null: ICR. */
  private vectors: CauseSink | null = null;
  private readonly register: CauseRegister;
  /** A cause has been set and not yet looked at. */
  private told = false;

  constructor(register: CauseRegister) {
    this.register = register;
  }

  useVectors(vectors: CauseSink): void {
    this.vectors = vectors;
  }

  /** Bits of ICR_* occur at `tick`; `flush` tells them. */
  set(bits: number, tick: Tick): void {
    this.told = true;
    if (this.vectors === null) this.register.set(bits, tick);
    else this.vectors.cause(bits, tick);
  }

  /** A cause that comes with a frame, and so before any timer of its tick. While descriptors are short every frame is an event, so this is now. */
  setWithFrame(bits: number, tick: Tick): void {
    this.set(bits, tick);
    this.flush();
  }

  flush(): void {
    if (!this.told) return;
    this.told = false;
    if (this.vectors === null) this.register.flush();
    else this.vectors.flush();
  }

  /** When a receive cause that occurs at `received`, or a transmit cause at `sent`, could be seen first; NEVER when something else must happen before. */
  visible(received: Tick, sent: Tick): Tick {
    const { vectors } = this;
    if (vectors === null) return later(received < sent ? received : sent, this.register.visibleFrom);
    const receive = later(received, vectors.receiveVisibleFrom);
    const transmit = later(sent, vectors.transmitVisibleFrom);
    return receive < transmit ? receive : transmit;
  }
}

function later(a: Tick, b: Tick): Tick {
  return a > b ? a : b;
}
