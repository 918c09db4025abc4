import { ANYKERNEL_COSTS } from '../../src/anykernel/costs.ts';
import type { Host, Softint } from '../../src/anykernel/host.ts';
import { IperfServer } from '../../src/anykernel/iperf-server.ts';
import { LatencyHistogram } from '../../src/anykernel/latency.ts';
import { NetInput } from '../../src/anykernel/net-input.ts';
import { SocketBuffer } from '../../src/anykernel/socket-buffer.ts';
import { TcpReceiver } from '../../src/anykernel/tcp-receiver.ts';
import { WmDriver } from '../../src/anykernel/wm.ts';
import { Event } from '../../src/events/event.ts';
import { Fingerprint } from '../../src/events/fingerprint.ts';
import { Priority } from '../../src/events/priority.ts';
import { Simulator } from '../../src/events/simulator.ts';
import type { Tick } from '../../src/events/time.ts';
import { Core } from '../../src/hw/core.ts';
import { CostTable } from '../../src/hw/cost.ts';
import { MACHINE_COSTS } from '../../src/hw/costs.ts';
import { Counters } from '../../src/hw/counters.ts';
import { BYTES, FRAME_WORDS, PAYLOAD, segmentBytes, SEQ } from '../../src/hw/frame.ts';
import { I82574, type NicSettings } from '../../src/hw/i82574.ts';
import { PathTable } from '../../src/hw/path.ts';

export interface StackSettings {
  readonly socketBytes: number;
  readonly segmentBytes: number;
  readonly blockBytes: number;
  readonly autosize: boolean;
  readonly windowScale: number;
  readonly nic: Partial<NicSettings>;
}

const DEFAULTS: StackSettings = { socketBytes: 87_380, segmentBytes: 1448, blockBytes: 131_072, autosize: false, windowScale: 3, nic: {} };
/** Every frame is a cause at once; transmissions are not reported while a test lasts. */
const NIC: NicSettings = { rxDescriptors: 4096, itr: 0, rdtr: 0, radv: 0, tidv: 30_000, tadv: 30_000, rxBufferBytes: 20_480 };

export interface Ack {
  readonly tick: Tick;
  readonly ack: number;
  readonly window: number;
  readonly sack: readonly [low: number, high: number];
}

/** NetBSD's parts on a core, without threads: softints run when the test says so, the application when it was woken. */
export class StackBench implements Host {
  readonly simulator = new Simulator();
  readonly paths = new PathTable(new CostTable([...MACHINE_COSTS, ...ANYKERNEL_COSTS]));
  readonly core = new Core(this.simulator, this.paths, new Fingerprint());
  readonly counters = new Counters();
  readonly latency = new LatencyHistogram();
  readonly acks: Ack[] = [];
  readonly nic: I82574;
  readonly driver: WmDriver;
  readonly buffer: SocketBuffer;
  readonly tcp: TcpReceiver;
  readonly input: NetInput;
  readonly server: IperfServer;
  readonly settings: StackSettings;
  hardclocks = 0;
  applicationWoken = 0;
  private readonly softints: Softint[] = [];
  private readonly words = new Float64Array(FRAME_WORDS);
  private seq = 0;

  constructor(settings: Partial<StackSettings> = {}) {
    const all = { ...DEFAULTS, ...settings };
    this.settings = all;
    const { core, counters } = this;
    core.context = core.defineContext('stack');
    const output = { raise: () => {}, lower: () => {} };
    this.nic = new I82574(core, this.simulator, counters, this.paths, { ...NIC, ...all.nic }, output, (tick, _bytes, ack, window, low, high) => {
      this.acks.push({ tick, ack, window, sack: [low, high] });
      return tick + 1;
    });
    this.driver = new WmDriver(core, counters, this.nic, () => this.input.framesTaken());
    this.buffer = new SocketBuffer(all.socketBytes);
    this.tcp = new TcpReceiver(core, counters, this.nic, this.driver, this.buffer, all, () => this.hardclocks);
    this.input = new NetInput(this, this.nic, this.tcp);
    this.server = new IperfServer(this, this.input, this.tcp, this.latency, all.blockBytes);
    this.input.readerSleeps = true;
    this.driver.attach();
    core.powerOn();
  }

  scheduleSoftint(_level: number, handler: Softint): void {
    if (!this.softints.includes(handler)) this.softints.push(handler);
  }

  wakeApplication(): void {
    this.applicationWoken++;
  }

  count(name: string): number {
    return this.counters.values[this.counters.names.indexOf(name)] ?? NaN;
  }

  /** Frames arrive, `spacing` apart, the last one now. */
  arrive(frames: number, spacing = 0): void {
    // Time goes on by as long as they need, on no account: the test has no idle loop.
    const first = this.core.now + 1;
    this.core.now = first + (frames - 1) * spacing;
    for (let i = 0; i < frames; i++) {
      const tick = first + i * spacing;
      this.simulator.dispatchThrough(tick);
      this.receive(tick);
    }
    this.simulator.dispatchThrough(this.core.now);
  }

  /** One more frame will arrive in `delay` ticks. */
  arriveLater(delay: Tick): void {
    this.simulator.schedule(new Event('arrival', Priority.wire, (tick) => this.receive(tick)), this.core.now + delay);
  }

  private receive(tick: Tick): void {
    const { words } = this;
    const payload = this.settings.segmentBytes;
    words[BYTES] = segmentBytes(payload);
    words[PAYLOAD] = payload;
    words[SEQ] = this.seq;
    this.seq += payload;
    this.nic.receive(tick, words, 0);
  }

  /** Runs softints in the order in which they were scheduled, until none is left. */
  runSoftints(): void {
    for (let handler = this.softints.shift(); handler !== undefined; handler = this.softints.shift()) handler();
  }

  /** One interrupt and all that follows: driver, softints, the application if it was woken. */
  interrupt(): void {
    this.driver.interrupt();
    this.runSoftints();
    if (this.applicationWoken === 0) return;
    this.applicationWoken = 0;
    this.server.run();
  }

  /** Ticks spent on a path. */
  account(path: string): Tick {
    for (let id = 0; id < this.paths.size; id++) if (this.paths.path(id).name === path) return this.core.ledger.ticks[id] ?? NaN;
    return NaN;
  }

  price(path: string): Tick {
    for (let id = 0; id < this.paths.size; id++) if (this.paths.path(id).name === path) return this.paths.path(id).ticks;
    return NaN;
  }
}
