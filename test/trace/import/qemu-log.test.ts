import { describe, expect, test } from 'vitest';
import { QEMU_LOG } from '../../../src/trace/import/qemu-log.ts';
import { refusal } from '../traces.ts';
import { bytes, corpus, corpusText, tally } from './corpus.ts';
import { imported, type Imported } from './imported.ts';

const LOGS = ['pic-pit', 'ioapic-hpet', 'msix-hpet', 'host-time'].map((name) => `qemu-log/${name}.log`);

function counted({ rows }: Imported): Record<string, number> {
  return tally(rows.map(({ kind, device }) => `${kind} ${device}`));
}

function logOf(...lines: string[]): Uint8Array {
  return bytes(lines.map((line, index) => `${1000 + index}.${2_000_000 + 10 * index}:${line}\n`).join(''));
}

/** What the log says, read with expressions instead of the importer's cursor, and told once by its own rules: the region's line, never the chip's. */
function expected(text: string): Record<string, number> {
  const devices: Record<string, string> = { 'e1000e-mmio': 'nic', 'apic-msi': 'lapic', 'acpi-tmr': 'pmtimer' };
  const found: string[] = [];
  let line = 0;
  let timer = 0;
  const timers = /addr 0x(?:40|43) .*'pit'/.test(text) || !text.includes("'hpet'") ? 'pit' : 'hpet';
  for (const one of text.trimEnd().split('\n')) {
    const [, event = '', args = ''] = /^[\d@.]+:(\w+) ?(.*)$/.exec(one) ?? [];
    const access = /^cpu (-?\d+) .*addr 0x([0-9a-f]+) value 0x([0-9a-f]+) size \d+ name '(.*)'$/.exec(args);
    if (event.startsWith('memory_region_ops_') && access !== null) {
      const [, cpu, address = '', value = '', name = ''] = access;
      const port = parseInt(address, 16) < 0x10000;
      if (name === 'apic-msi' && address.startsWith('fee01')) found.push('msi lapic');
      else if (cpu !== '-1') {
        found.push(`${port ? 'port' : 'mmio'}-${event.slice(18)} ${devices[name] ?? name}`);
        if (event.endsWith('write') && address === 'fee000b0') found.push('eoi lapic');
        if (event.endsWith('write') && name === 'pic' && (address === '20' || address === 'a0') && (parseInt(value, 16) & 0x38) === 0x20) found.push('eoi pic');
      }
    }
    if (event === 'e1000e_rx_written_to_guest') found.push('dma-write nic');
    if (event === 'e1000e_irq_rearm_timer') found.push('timer-program nic');
    if (/^e1000e_irq_(?:throttling_timer|(?:legacy|msi|msix)_notify_postponed)/.test(event)) found.push('timer-expire nic');
    if (event.startsWith('e1000e_irq_msix_notify')) found.push('irq-raise nic');
    if (event === 'e1000e_irq_legacy_notify') {
      const now = Number(args.at(-1));
      if (now !== line) found.push(now === 1 ? 'irq-raise nic' : 'irq-lower nic');
      line = now;
    }
    if (event === 'pic_interrupt') found.push('irq-deliver pic');
    const edge = event === 'pic_set_irq' && /^master 1 irq 0 level (\d)/.exec(args);
    if (edge) {
      if (edge[1] === '1' && timer === 0) found.push(`timer-expire ${timers}`);
      timer = Number(edge[1]);
    }
  }
  return tally(found);
}

describe('a log of QEMU\'s trace events', () => {
  test.each(LOGS)('%s: a row for each thing that happened', (log) => {
    const result = imported(QEMU_LOG, corpus(log));
    expect(counted(result)).toEqual(expected(corpusText(log)));
    expect(result.rows.length).toBeGreaterThan(100);
  });

  test('by hand: one interrupt of the PIC, from the frame to the end of interrupt', () => {
    const { rows } = imported(QEMU_LOG, corpus('qemu-log/pic-pit.log'));
    const first = rows.findIndex(({ kind }) => kind === 'dma-write');
    const cut = rows.slice(first).filter(({ device }) => device !== 'pmtimer').slice(0, 24).map(({ kind, device, address, value }) => [kind, device, address, value]);
    expect(cut.slice(0, 3)).toEqual([['dma-write', 'nic', 0x5a2ca20, 1514], ['timer-program', 'nic', 0xc4, 128_000], ['irq-raise', 'nic', 0, 0x80]]);
    const taken = cut.findIndex(([kind]) => kind === 'irq-deliver');
    expect(cut.slice(taken, taken + 9)).toEqual([
      ['irq-deliver', 'pic', 0, 10],
      ['port-read', 'pic', 0xa1, 0xe8], ['port-write', 'pic', 0xa1, 0xec],
      ['port-write', 'pic', 0xa0, 0x62], ['eoi', 'pic', 0xa0, 10],
      ['port-write', 'pic', 0x20, 0x62], ['eoi', 'pic', 0x20, 2],
      ['irq-lower', 'nic', 0, 0], ['mmio-read', 'nic', 0xc0, 0x80020080],
    ]);
  });

  test('an end of interrupt at the local APIC has the vector that was broadcast, or that of the only message', () => {
    const { rows } = imported(QEMU_LOG, corpus('qemu-log/ioapic-hpet.log'));
    const vectors = tally(rows.filter(({ kind }) => kind === 'eoi').map(({ value }) => String(value)));
    expect(Object.keys(vectors).toSorted()).toEqual(['38', '48']);
    expect(vectors['38']).toBe(corpusText('qemu-log/ioapic-hpet.log').match(/EOI broadcast for vector 38/g)?.length);
  });

  test('clocks: virtual ns, and host ns beyond what a double holds', () => {
    const [, ns = ''] = /^\d+\.(\d+):/.exec(corpusText('qemu-log/pic-pit.log')) ?? [];
    expect(imported(QEMU_LOG, corpus('qemu-log/pic-pit.log')).metadata.clock).toMatchObject({ domain: 'virtual', unit: 'ns', origin: ns });
    const text = corpusText('qemu-log/host-time.log');
    const [, seconds = '', micros = ''] = /^\d+@(\d+)\.(\d{6}):/.exec(text) ?? [];
    expect(imported(QEMU_LOG, bytes(text)).metadata.clock).toMatchObject({ domain: 'host', unit: 'ns', origin: `${seconds}${micros}000` });
  });

  test('with the thread in front of instructions and virtual time it is the same', () => {
    const text = corpusText('qemu-log/pic-pit.log');
    expect(imported(QEMU_LOG, bytes(text.replaceAll(/^/gm, '77@').replace(/77@$/, ''))).rows).toEqual(imported(QEMU_LOG, bytes(text)).rows);
  });

  test('in chunks of any size, and with CR LF, it is the same', () => {
    const log = corpus('qemu-log/msix-hpet.log');
    const whole = imported(QEMU_LOG, log);
    expect(imported(QEMU_LOG, log, {}, 1).rows).toEqual(whole.rows);
    expect(imported(QEMU_LOG, log, {}, 97).rows).toEqual(whole.rows);
    expect(imported(QEMU_LOG, bytes(corpusText('qemu-log/msix-hpet.log').replaceAll('\n', '\r\n'))).rows).toEqual(whole.rows);
  });

  test('what only a chip has printed is a row, in time order', () => {
    const { rows } = imported(QEMU_LOG, logOf('pic_ioport_read master 0 addr 0x1 val 0xe8', 'pic_interrupt irq 10 intno 58', 'pic_ioport_write master 0 addr 0x0 val 0x20', 'apic_mem_readl 0x190 = 0x00000040',
      'apic_mem_writel 0xb0 = 0x00000000', 'ioapic_eoi_broadcast EOI broadcast for vector 38', 'apic_deliver_irq dest 1 dest_mode 1 delivery_mode 0 vector 48 trigger_mode 0'));
    expect(rows.map(({ t, kind, device, address, value }) => [t, kind, device, address, value])).toEqual([
      [0, 'port-read', 'pic', 0xa1, 0xe8], [10, 'irq-deliver', 'pic', 0, 10], [20, 'port-write', 'pic', 0xa0, 0x20], [20, 'eoi', 'pic', 0xa0, 10], [30, 'mmio-read', 'lapic', 0x190, 0x40],
      [40, 'mmio-write', 'lapic', 0xb0, 0], [40, 'eoi', 'lapic', 0xb0, 38], [60, 'msi', 'lapic', 0xfee00000, 48],
    ]);
  });

  test('a frame in two buffers, the FCS in a third, counts once and without the FCS', () => {
    const buffer = (length: number): string => `e1000e_rx_desc_buff_write buffer #0, addr: 0x6977140, offset: 0, from: -, length: ${length}`;
    const { rows } = imported(QEMU_LOG, logOf('e1000e_rx_receive_iov Received vector of 2 fragments', 'e1000e_rx_descr Next RX descriptor: ring #0, PA: 0x1000, length: 16', buffer(1024), buffer(490), buffer(4),
      'e1000e_rx_written_to_guest Received packet written to guest (ICR causes 128)'));
    expect(rows).toMatchObject([{ kind: 'dma-write', address: 0x1000, value: 1514 }]);
  });

  test('MSI-X messages that QEMU repeats are told', () => {
    const { warnings } = imported(QEMU_LOG, corpus('qemu-log/msix-hpet.log'));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^test\.file: of \d+ MSI-X messages .*had not been postponed/);
  });

  test('events that nobody knows are counted in one warning', () => {
    const { warnings, rows } = imported(QEMU_LOG, logOf('usb_xhci_run', 'usb_xhci_run', 'vga_vbe_write index 1', 'pic_interrupt irq 0 intno 48'));
    expect(rows).toHaveLength(1);
    expect(warnings).toEqual(['test.file: no rows are made of 3 lines of trace events that are not known: usb_xhci_run 2 times, vga_vbe_write 1 times']);
  });

  test('busy and idle time: exact from the two stamps', () => {
    for (const log of ['pic-pit', 'ioapic-hpet', 'msix-hpet']) {
      const stamps = [...corpusText(`qemu-log/${log}.log`).matchAll(/^(\d+)\.(\d+):/gm)].map(([, instructions, ns]) => [Number(instructions), Number(ns)] as const);
      const [first, last] = [stamps[0] ?? [0, 0], stamps.at(-1) ?? [0, 0]];
      const { rows, metadata } = imported(QEMU_LOG, corpus(`qemu-log/${log}.log`), { kind: 'ledger' });
      const sum = (context: string): number => rows.filter((row) => row['context'] === context).reduce((total, { duration }) => total + Number(duration), 0);
      expect(metadata.kind).toBe('ledger');
      expect(sum('busy')).toBe((last[0] - first[0]) * 4);
      expect(sum('idle')).toBe(last[1] - first[1] - (last[0] - first[0]) * 4);
      let t = 0;
      for (const row of rows) {
        expect(row['t']).toBe(t);
        t += Number(row['duration']);
      }
    }
  });

  test.each([
    ['events without a stamp', bytes('pic_interrupt irq 0 intno 48\n'), {}, 'test.file: line 1: a trace event without a time stamp; record it again with -msg timestamp=on'],
    ['host stamps for busy time', corpus('qemu-log/host-time.log'), { kind: 'ledger' }, 'line 1: a busy and idle time cannot be told from host stamps'],
    ['no event at all', bytes('nothing\nat all\n'), {}, 'there is no whole line of a trace log in it'],
    ['an empty file', bytes(''), {}, 'there is no whole line of a trace log in it'],
    ['another recording behind the first', bytes('5.2000000000:pic_interrupt irq 0 intno 48\n5.9000000:pic_interrupt irq 0 intno 48\n'), {}, 'line 2: its time is more than a second before that of the line above'],
    ['strict: a line of something else', bytes('1000.2000000:pic_interrupt irq 0 intno 48\nServicing hardware INT=0x30\n'), { strict: true }, 'line 2: this is no line of a QEMU trace log'],
    ['strict: arguments that are cut', bytes('1000.2000000:pic_interrupt irq\n'), { strict: true }, 'line 1: its arguments cannot be read'],
    ['strict: a cut file', bytes('1000.2000000:pic_interrupt irq 0 intno 48\n1000.20000'), { strict: true }, 'line 2: the file is cut off in this line'],
    ['a shift that changes', bytes(Array.from({ length: 9 }, (_, i) => `${1000 + i * 3}.${2_000_000 + i * 20}:pic_interrupt irq 0 intno 48\n`).join('')), { kind: 'ledger' }, 'no power of two'],
  ] as const)('refused: %s', (_what, file, options, message) => {
    expect(refusal(() => imported(QEMU_LOG, file, options))).toContain(message);
  });

  test('cut anywhere, it gives the rows up to the cut and says so', () => {
    const log = corpus('qemu-log/pic-pit.log');
    const whole = imported(QEMU_LOG, log).rows;
    for (let at = 200; at < 6000; at += 131) {
      const { rows, warnings } = imported(QEMU_LOG, log.subarray(0, at));
      expect(rows).toEqual(whole.slice(0, rows.length));
      expect(warnings.some((warning) => warning.includes('the file is cut off'))).toBe(log[at - 1] !== 10);
    }
  });

  test('small steps back get the time of the line above, and are told once', () => {
    const { rows, warnings } = imported(QEMU_LOG, bytes([5, 9, 7, 8, 10].map((micros) => `7@1795310143.00000${micros < 10 ? micros : `${micros}`}:pic_interrupt irq 0 intno 48\n`.replace('0000010', '000010')).join('')));
    expect(rows.map(({ t }) => t)).toEqual([0, 4000, 4000, 4000, 5000]);
    expect(warnings).toEqual(['test.file: 2 lines are before the line above by up to 2000 ns; such a line gets the time of the line above']);
  });
});
