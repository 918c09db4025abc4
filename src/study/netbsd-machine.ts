import type { LatencyHistogram } from '../anykernel/latency.ts';
import type { Streams } from '../events/random.ts';
import { young } from '../events/young.ts';
import { type InterruptSource, IoApicSource, MessageSource, PicSource } from '../kernel/netbsd/interrupt-source.ts';
import { CLOCK_VECTOR, HARDCLOCK_PERIOD, NetBsd } from '../kernel/netbsd/netbsd.ts';
import { type Board, NIC_PIN } from './board.ts';
import { CpTimeInstrument } from './instrument-cp-time.ts';
import type { Software } from './machine.ts';
import type { System } from './system.ts';

function deviceSource(system: System, board: Board): InterruptSource {
  const { core, counters, ioapic, apicEnd, ports } = board;
  const { number } = board.nicSource;
  if (system.controller === 'pic') return new PicSource(ports, number);
  if (system.controller === 'ioapic') return new IoApicSource(core, ioapic, apicEnd, counters, core.paths, NIC_PIN, number);
  return new MessageSource(apicEnd, number);
}

/** NetBSD on the board, with the iperf server as a process. The phase of its clock comes from the stream `phase.hardclock`. */
export function netbsdNative(system: System, board: Board, streams: Streams, latency: LatencyHistogram): Software {
  const { core, counters, apic, apicEnd, nic, pic } = board;
  const netbsd = new NetBsd({ core, counters, apic, apicEnd, pic, device: deviceSource(system, board), clockVector: CLOCK_VECTOR }, nic, latency, {
    tcp: { segmentBytes: 1448, autosize: system.socket.autosize, windowScale: system.socket.windowScale, checksum: 'checksum.assembler' },
    socketBufferBytes: system.socket.bufferBytes,
    blockBytes: system.socket.blockBytes,
    msix: system.controller === 'msix',
  });
  apic.startTimer(CLOCK_VECTOR, streams.stream('phase.hardclock').integer(1, HARDCLOCK_PERIOD), HARDCLOCK_PERIOD);
  const instrument = new CpTimeInstrument();
  netbsd.kernel.onStatclock = young((state) => instrument.sample(state));
  return { instrument, log: null, run: () => netbsd.kernel.run() };
}
