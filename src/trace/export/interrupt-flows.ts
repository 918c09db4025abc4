/** Takes messages. */
const LOCAL_APIC = 'lapic';

/** Who asks for an interrupt: a device, and which of its vectors where it has several. */
interface Source {
  readonly device: string;
  readonly address: number;
  /** Where its interrupts arrive; null: not seen yet. */
  line: string | null;
  /** The flow that waits for delivery; 0: none. */
  flow: number;
}

/**
 * Follows each interrupt from the request over its message and delivery to its end. A hardware trace does not say which device a delivered line belongs to: that is
 * learned from the first delivery that only one waiting device can have caused, and never guessed. A delivery that fits none begins a flow of its own.
 * Flows are numbered from 1.
 */
export class InterruptFlows {
  /** Interrupts requested or delivered and not yet ended. */
  outstanding = 0;
  private last = 0;
  private readonly sources: Source[] = [];
  private readonly messages = new Map<number, number>();
  private readonly inService = new Map<string, number>();

  /** A device asks. Of what is asked for again before it is delivered, the last request counts. */
  raise(device: string, address: number): number {
    let source = this.sources.find((known) => known.device === device && known.address === address);
    if (source === undefined) {
      source = { device, address, line: null, flow: 0 };
      this.sources.push(source);
    }
    if (source.flow !== 0) this.outstanding--;
    source.flow = this.begin();
    return source.flow;
  }

  /** A device takes its request back: only what was neither sent nor delivered goes away. */
  lower(device: string): number {
    const source = this.sources.find((known) => known.device === device && known.flow !== 0);
    if (source === undefined) return 0;
    const { flow } = source;
    source.flow = 0;
    this.outstanding--;
    return flow;
  }

  /** A message arrives. Of several of one vector that wait, the last counts: they are delivered once, and a log may not show deliveries at all. */
  message(vector: number): number {
    const taken = this.take(lineOf(LOCAL_APIC, vector));
    const flow = taken === 0 ? this.begin() : taken;
    if (this.messages.has(vector)) this.outstanding--;
    this.messages.set(vector, flow);
    return flow;
  }

  deliver(device: string, input: number): number {
    const line = lineOf(device, input);
    let flow = 0;
    const sent = device === LOCAL_APIC ? this.messages.get(input) : undefined;
    if (sent === undefined) {
      flow = this.take(line);
    } else {
      flow = sent;
      this.messages.delete(input);
    }
    if (flow === 0) flow = this.begin();
    // An end that the trace does not show has passed when the line is delivered again.
    if (this.inService.has(line)) this.outstanding--;
    this.inService.set(line, flow);
    return flow;
  }

  /** The end of interrupt; 0 when nothing that was seen can have ended. Where deliveries are not shown, it ends the message that waits. */
  end(device: string, input: number): number {
    const line = lineOf(device, input);
    let flow = this.inService.get(line);
    if (flow !== undefined) {
      this.inService.delete(line);
    } else {
      flow = device === LOCAL_APIC ? this.messages.get(input) : undefined;
      if (flow === undefined) return 0;
      this.messages.delete(input);
    }
    this.outstanding--;
    return flow;
  }

  private begin(): number {
    this.outstanding++;
    return ++this.last;
  }

  private take(line: string): number {
    let found: Source | undefined;
    let unknown = 0;
    for (const source of this.sources) {
      if (source.flow === 0) continue;
      if (source.line === line) {
        if (found === undefined || found.line === null || source.flow < found.flow) found = source;
      } else if (source.line === null) {
        unknown++;
        found ??= source;
      }
    }
    if (found === undefined || (found.line === null && unknown > 1)) return 0;
    const { flow } = found;
    found.line = line;
    found.flow = 0;
    return flow;
  }
}

/** Where an interrupt arrives: an input of an interrupt controller, or a vector of the local APIC. */
function lineOf(device: string, input: number): string {
  return `${device} ${input}`;
}
