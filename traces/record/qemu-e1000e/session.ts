/**
 * One recording: QEMU runs the guest under load (rr=record), then runs it again from its log with tracing on (rr=replay), so that tracing does not disturb what it
 * records. Called by ../qemu-e1000e.sh with the session as JSON.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream, existsSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFile, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createZstdCompress, constants } from 'node:zlib';

interface Session {
  /** Where programs, kernel and initramfs are, and where what is not kept goes. */
  readonly work: string;
  /** Where the recording goes. */
  readonly folder: string;
  readonly kernel: string;
  readonly initramfs: string;
  readonly mode: 'pic' | 'ioapic' | 'msi' | 'msix';
  readonly timer: 'pit' | 'hpet' | 'lapic';
  /** Of payload, per virtual second, as iperf3 -b takes it. */
  readonly rate: string;
  /** Virtual seconds before the window and of it. */
  readonly settle: number;
  readonly seconds: number;
  /** An instruction is 2^shift ns. */
  readonly shift: number;
  /** Virtual microseconds between the times at which frames are let in. */
  readonly quantum: number;
}

const MARK_PORT = '0x80';
const MARKS = { begin: '0xa1', end: '0xa2' } as const;
const IPERF_PORT = 5201;
const PATIENCE_MS = 600_000;
const INT_MODE = { msix: 2, msi: 1, ioapic: 0, pic: 0 } as const;

const session = JSON.parse(process.argv[2] ?? '') as Session; // our own script wrote it
const { work, folder, mode, timer, rate, settle, seconds, shift, quantum } = session;
const inWork = (name: string) => join(work, name);
const children: ChildProcess[] = [];

class Failure extends Error {}

function kernelLine(): string {
  const words = ['console=ttyS0', 'quiet', 'mitigations=off', 'nokaslr', 'rdinit=/init'];
  if (mode === 'pic') words.push('noapic');
  if (mode === 'pic' || mode === 'ioapic') words.push('pci=nomsi');
  if (timer !== 'lapic') words.push('nolapic_timer');
  words.push(`clocksource=${timer === 'hpet' ? 'hpet' : 'acpi_pm'}`);
  words.push(`recorder.module=${mode === 'msi' ? 'e1000e-msi' : 'e1000e'}`, `recorder.options=IntMode=${INT_MODE[mode]}`);
  return words.join(' ');
}

function qemuArguments(rr: 'record' | 'replay', forwarded: number): string[] {
  const common = [
    '-machine', `q35,hpet=${timer === 'pit' ? 'off' : 'on'}`, '-cpu', 'max', '-m', '256', '-accel', 'tcg,thread=single',
    '-icount', `shift=${shift},sleep=on,rr=${rr},rrfile=${inWork('rr.bin')}`, '-rtc', 'base=2024-01-01T00:00:00,clock=vm',
    '-kernel', session.kernel, '-initrd', session.initramfs, '-append', kernelLine(),
    '-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot',
    '-device', 'e1000e,netdev=net,mac=52:54:00:12:34:56',
    '-object', 'filter-replay,id=replay,netdev=net',
    // Keeps a virtual timer running. Without it an idle guest's clock jumps to its next own timer, and frames with it.
    '-object', `filter-buffer,id=quantum,netdev=net,queue=tx,interval=${quantum}`,
    '-serial', 'chardev:serial',
  ];
  if (rr === 'record') {
    return [...common, '-chardev', `socket,id=serial,path=${inWork('serial.sock')},server=on,wait=on`, '-netdev', `user,id=net,hostfwd=tcp:127.0.0.1:${forwarded}-:${IPERF_PORT}`];
  }
  const events = readFileSync(join(import.meta.dirname, 'events.txt'), 'utf8').trim().split('\n');
  return [
    ...common, '-chardev', 'null,id=serial', '-netdev', 'user,id=net', '-object', `filter-dump,id=dump,netdev=net,file=${inWork('wire.pcap')},maxlen=96`,
    '-msg', 'timestamp=on', '-D', inWork('trace.pipe'), ...events.flatMap((event) => ['-trace', event]),
  ];
}

function start(rr: 'record' | 'replay', forwarded = 0): ChildProcess {
  const args = qemuArguments(rr, forwarded);
  const shown = args.map((word) => word.replaceAll(`${work}/`, '')).map((word) => (/[\s;]/.test(word) ? `'${word}'` : word));
  writeFileSync(join(folder, `${rr}.txt`), `LD_PRELOAD=virtual-stamps.so qemu-system-x86_64 ${shown.join(' ').replaceAll(session.kernel, 'vmlinuz').replaceAll(session.initramfs, 'initramfs')}\n`);
  const env = { ...process.env, LD_PRELOAD: inWork('virtual-stamps.so'), ...(rr === 'record' ? { VIRTUAL_CLOCK: inWork('clock.page') } : {}) };
  const child = spawn('qemu-system-x86_64', args, { env, stdio: ['ignore', 'ignore', openSync(inWork('qemu.err'), 'w')] });
  children.push(child);
  return child;
}

async function exit(child: ChildProcess, what: string): Promise<void> {
  const timeout = AbortSignal.timeout(PATIENCE_MS);
  if (child.exitCode === null) await once(child, 'exit', { signal: timeout }).catch(() => { throw new Failure(`${what} does not end`); });
  if (child.exitCode !== 0) throw new Failure(`${what} ended with ${child.exitCode ?? child.signalCode}: ${readFileSync(inWork('qemu.err'), 'utf8').slice(-500)}`);
}

/** A port of the loopback interface that nobody uses. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Failure('no free port');
  return address.port;
}

/** The guest's serial line. */
class Serial {
  private readonly socket: Socket;
  private text = '';

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('utf8').on('data', (chunk: string) => { this.text += chunk; });
  }

  static async open(path: string): Promise<Serial> {
    for (let left = 200; left > 0; left--) {
      if (existsSync(path)) {
        const socket = connect(path);
        await once(socket, 'connect');
        return new Serial(socket);
      }
      await sleep(50);
    }
    throw new Failure('QEMU does not open its serial line');
  }

  send(line: string): void {
    this.socket.write(`${line}\n`);
  }

  /** What came up to and with `pattern`. */
  async expect(pattern: RegExp): Promise<string> {
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(100)) {
      const match = pattern.exec(this.text);
      if (match === null) continue;
      const seen = this.text.slice(0, match.index + match[0].length);
      this.text = this.text.slice(seen.length);
      return seen;
    }
    throw new Failure(`the guest does not say ${pattern}: ${this.text.slice(-500)}`);
  }
}

async function sleep(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/** Runs the guest under load and keeps QEMU's log of what came from outside. Returns what the guest said when it was ready. */
async function record(): Promise<string> {
  for (const name of ['serial.sock', 'clock.page', 'rr.bin']) rmSync(inWork(name), { force: true });
  const port = await freePort();
  const qemu = start('record', port);
  const serial = await Serial.open(inWork('serial.sock'));
  const ready = (await serial.expect(/READY [^\r\n]*/)).replace(/^[^]*READY /, '');
  if (!ready.includes('carrier=1')) throw new Failure(`the guest has no link: ${ready}`);
  // -N -l 1448: a segment a write; iperf3 sends in steps of 1 ms.
  const command = ['-c', '127.0.0.1', '-p', String(port), '-b', rate, '-N', '-l', '1448', '-t', '3600', '-J'];
  const client = spawn('iperf3', command, {
    env: { ...process.env, LD_PRELOAD: inWork('virtual-clock.so'), VIRTUAL_CLOCK: inWork('clock.page') },
    stdio: ['ignore', openSync(inWork('client.json'), 'w'), 'ignore'],
  });
  children.push(client);
  writeFileSync(join(folder, 'client.txt'), `LD_PRELOAD=virtual-clock.so iperf3 ${command.map((word) => (word === String(port) ? 'PORT' : word)).join(' ')}\n`);
  serial.send(`window ${settle} ${seconds}`);
  await serial.expect(/WINDOW-DONE/);
  client.kill('SIGINT');
  await once(client, 'exit');
  serial.send('report');
  const report = await serial.expect(/REPORT-DONE/);
  mkdirSync(join(folder, 'guest'), { recursive: true });
  for (const [, name = '', text = ''] of report.matchAll(/FILE (\S+)\r?\n([^]*?)END \1\r?\n/g)) writeFileSync(join(folder, 'guest', name), text.replaceAll('\r', ''));
  serial.send('off');
  await exit(qemu, 'the recording run');
  return ready;
}

/** What one replay's trace holds between the marks. */
interface Window {
  readonly sha256: string;
  readonly lines: number;
  readonly instructions: number;
  readonly virtualNs: number;
  readonly framesIn: number;
  readonly events: Readonly<Record<string, number>>;
}

/**
 * Replays with tracing on, up to the end of the window; keeps the window's lines in `file`, without the host's thread ids and pointers. QEMU writes into a pipe. What
 * comes after the window is not replayed: much output on the serial line makes QEMU 7.2 lose its place in its log.
 */
async function replay(file: string): Promise<Window> {
  const pipe = inWork('trace.pipe');
  rmSync(pipe, { force: true });
  execFileSync('mkfifo', [pipe]);
  const qemu = start('replay');
  // Opening it to read would wait for ever if QEMU did not start.
  const unblock = (): void => writeFile(pipe, '', () => {});
  qemu.once('exit', unblock);
  const hash = createHash('sha256');
  const out = createZstdCompress({ params: { [constants.ZSTD_c_compressionLevel]: 19 } });
  const written = once(out.pipe(createWriteStream(file)), 'finish');
  const events = new Map<string, number>();
  let first: readonly [number, number] | null = null;
  let last: readonly [number, number] = [0, 0];
  let lines = 0;
  let whole = false;
  const log = createReadStream(pipe);
  for await (const line of createInterface({ input: log, crlfDelay: Infinity })) {
    const match = /^\d+@(\d+)\.(\d+):(\S+) ?(.*)$/.exec(line);
    if (match === null) continue;
    const [, instructions = '', ns = '', event = '', args = ''] = match;
    const mark = event === 'memory_region_ops_write' ? /addr (\S+) value (\S+) /.exec(args) : null;
    const value = mark?.[1] === MARK_PORT ? mark[2] : '';
    if (first === null && value !== MARKS.begin) continue;
    const stamp = [Number(instructions), Number(ns)] as const;
    first ??= stamp;
    if (stamp[1] < last[1]) throw new Failure(`the trace steps back at ${stamp[1]} ns`);
    last = stamp;
    lines++;
    events.set(event, (events.get(event) ?? 0) + 1);
    const kept = `${instructions}.${ns}:${event} ${args.replaceAll(/\b(mr|from:) 0x[0-9a-f]+/g, '$1 -')}\n`;
    hash.update(kept);
    if (!out.write(kept)) await once(out, 'drain');
    whole = value === MARKS.end;
    if (whole) break;
  }
  // Before the reader goes: QEMU may die of that by itself, and then nobody would open the pipe that `unblock` writes to.
  qemu.off('exit', unblock);
  log.destroy();
  out.end();
  await written;
  if (first === null || !whole) throw new Failure(`the replay does not get to the end of the window: ${readFileSync(inWork('qemu.err'), 'utf8').slice(-500)}`);
  // Nobody reads its pipe any more, so it may not come to notice a gentler signal.
  qemu.kill('SIGKILL');
  if (qemu.exitCode === null && qemu.signalCode === null) await once(qemu, 'exit');
  return {
    sha256: hash.digest('hex'), lines, instructions: last[0] - first[0], virtualNs: last[1] - first[1], framesIn: events.get('e1000e_rx_descr') ?? 0,
    events: Object.fromEntries([...events].toSorted(([, a], [, b]) => b - a)),
  };
}

try {
  const ready = await record();
  const window = await replay(join(folder, 'window.trace.zst'));
  const again = await replay(inWork('again.trace.zst'));
  if (again.sha256 !== window.sha256) throw new Failure('two replays differ');
  const busy = (window.instructions * 2 ** shift) / window.virtualNs;
  const summary = {
    mode, timer, rate, shift, quantumUs: quantum, ready, window, busy, replaysIdentical: true,
    rrBytes: statSync(inWork('rr.bin')).size,
  };
  writeFileSync(join(folder, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`);
  console.log(`${mode}-${timer}: ${window.lines} lines, ${(window.virtualNs / 1e9).toFixed(3)} virtual s, ${window.framesIn} frames in, busy ${(busy * 100).toFixed(1)} %`);
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  console.error(`session.ts: ${error.message}`);
  process.exitCode = 1;
} finally {
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
}
// A pipe that nobody writes to any more may still be waited for.
process.exit();
