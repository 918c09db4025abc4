import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { systemReason } from '../../trace/trace-error.ts';
import { UserError } from '../user-error.ts';
import type { DeviceAccess } from './device-accesses.ts';
import type { KernelEntry } from './kernel-entries.ts';

/** A setting of the recorded machine and what says so. */
export interface Known<T> {
  readonly value: T;
  readonly from: string;
}

/** What the recorded machine was, as far as a prediction is given it. */
export interface Setup {
  readonly config: string;
  readonly label: string;
  readonly controller: Known<'pic' | 'ioapic' | 'msi'>;
  readonly timer: Known<'pit' | 'hpet'>;
  readonly nsPerInstruction: Known<number>;
  /** Throttle of all five NIC timers as the driver sets it, in ITR units of 256 ns: 0 or 1500. */
  readonly itr: Known<number>;
  readonly descriptors: Known<number>;
  /** SO_RCVBUF of the server's data socket in bytes. */
  readonly receiveBuffer: Known<number>;
  /** The window that was recorded, in instructions since power-on. */
  readonly window: { readonly from: number; readonly to: number };
  /** Nanoseconds of the wire's clock at instruction 0; null where the recording does not say. */
  readonly wireOffset: bigint | null;
}

const operation = z.object({ n: z.number(), insns: z.number() });
const summarySchema = z.object({
  config: z.string().optional(),
  label: z.string().optional(),
  conditions: z.object({ icount: z.string().optional(), ns_per_insn: z.number().positive().optional(), client_extra: z.array(z.string()).optional(), itr: z.number().optional(), sc_itr: z.number().optional() }).optional(),
  sc_itr: z.number().optional(),
  itr: z.number().optional(),
  descriptors: z.number().optional(),
  t_start_insn: z.number().optional(),
  t_end_insn: z.number().optional(),
  total_insns: z.number().optional(),
  user_idle: z.number().optional(),
  user_busy_rump: z.number().optional(),
  user_busy_root: z.number().optional(),
  user_busy_unknown: z.number().optional(),
  kernel: z.number().optional(),
  utilisation: z.number().optional(),
  kernel_by_op: z.record(z.string(), operation).optional(),
  device_accesses: z.record(z.string(), z.number()).optional(),
  frames: z.record(z.string(), z.number()).optional(),
}).loose();

/** summary.json as far as it is used; a recording without it is read, too. */
export type Summary = z.infer<typeof summarySchema> & { readonly offsetNs: bigint | null };

/** Reads summary.json, null where there is none. @throws UserError naming the file and what is wrong in it. */
export function readSummary(folder: string): Summary | null {
  const file = join(folder, 'summary.json');
  if (!existsSync(file)) return null;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError(file, systemReason(error), 'copy it again');
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new UserError(file, 'it is not JSON', 'copy it again');
  }
  const parsed = summarySchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new UserError(file, issue === undefined ? 'it cannot be read' : `${issue.path.join('.')}: ${issue.message}`, 'give the summary of the recording');
  }
  // The offset has more digits than a double holds.
  const offset = /"offset_ns"\s*:\s*(-?\d+)/.exec(text)?.[1];
  return { ...parsed.data, offsetNs: offset === undefined ? null : BigInt(offset) };
}

/** The driver's two states in these recordings: rumprun's patches 0004 and 0005 set both, ITR 0 and 4,096 descriptors; without them 1500 and 256. */
const PATCHED = { itr: 0, descriptors: 4096 };
const STOCK = { itr: 1500, descriptors: 256 };
/** NetBSD's default, and what `-w 64K` asks for. */
const DEFAULT_RECEIVE = 32 * 1024;

export interface Evidence {
  readonly folder: string;
  readonly summary: Summary | null;
  readonly entries: readonly KernelEntry[];
  readonly accesses: readonly DeviceAccess[];
  /** As the kernel trace's clock says; the file of the recorder itself does not know it. */
  readonly nsPerInstruction: number;
  /** The capture's clock has its zero at instruction 0. */
  readonly wireFromStart: boolean;
}

/** What the machine was: from what the recording says of itself where it does, then from its folders' names, then from its traces. @throws UserError when controller or window cannot be told. */
export function setupOf(evidence: Evidence): Setup {
  const { folder, summary, entries, accesses } = evidence;
  const path = resolve(folder);
  const config = summary?.config ?? basename(dirname(path));
  const label = summary?.label ?? basename(path);
  const first = entries[0];
  const last = entries.at(-1);
  if (first === undefined || last === undefined) throw new UserError(join(folder, 'kernel-entries.csv'), 'it has no rows', 'copy it again');
  const window = { from: summary?.t_start_insn ?? first.t - first.user, to: summary?.t_end_insn ?? last.t + last.instructions };
  const descriptors = ringSize(summary, accesses);
  return {
    config, label, window,
    controller: controllerOf(config, entries, folder),
    timer: config.includes('pit') ? { value: 'pit', from: 'config' } : config.includes('hpet') ? { value: 'hpet', from: 'config' } : accesses.some(({ register }) => register === 'pit') ? { value: 'pit', from: 'it was written to' } : { value: 'hpet', from: 'no PIT was written to' },
    nsPerInstruction: speed(summary, evidence.nsPerInstruction),
    descriptors,
    itr: throttle(evidence, config, label, path, descriptors),
    receiveBuffer: receiveBuffer(summary),
    wireOffset: evidence.wireFromStart ? 0n : (summary?.offsetNs ?? null),
  };
}

function controllerOf(config: string, entries: readonly KernelEntry[], folder: string): Setup['controller'] {
  const named = /(ioapic|pic|msi)/.exec(config)?.[1];
  if (named === 'ioapic' || named === 'pic' || named === 'msi') return { value: named, from: 'config' };
  const vectors = new Set(entries.map(({ op }) => op));
  if (vectors.has('irq_36')) return { value: 'msi', from: 'vector 36' };
  if (vectors.has('irq_2b')) return { value: 'pic', from: 'vector 2b' };
  if (vectors.has('irq_3b')) return { value: 'ioapic', from: 'vector 3b' };
  throw new UserError(folder, `the interrupt controller cannot be told from '${config}'`, 'name the folder above it pic-pit, ioapic-hpet or msi-hpet, or write config into summary.json');
}

function speed(summary: Summary | null, clock: number): Setup['nsPerInstruction'] {
  const { ns_per_insn: ns, icount } = summary?.conditions ?? {};
  if (ns !== undefined) return { value: ns, from: 'summary' };
  const shift = /shift=(\d+)/.exec(icount ?? '')?.[1];
  return shift === undefined ? { value: clock, from: 'the trace\'s clock' } : { value: 2 ** Number(shift), from: 'icount' };
}

/** Receive descriptors are given back by number, modulo the ring: a number above 255 means the larger ring, a ring that was gone round without one the smaller. */
function ringSize(summary: Summary | null, accesses: readonly DeviceAccess[]): Setup['descriptors'] {
  if (summary?.descriptors !== undefined) return { value: summary.descriptors, from: 'summary' };
  let writes = 0;
  for (const { register, kind, value } of accesses) {
    if (register !== 'nic.rdt' || kind !== 'mmio-write') continue;
    writes++;
    if (value >= STOCK.descriptors) return { value: PATCHED.descriptors, from: `RDT ${value}` };
  }
  return writes >= STOCK.descriptors ? { value: STOCK.descriptors, from: `no RDT above ${STOCK.descriptors - 1} in ${writes} writes` } : { value: PATCHED.descriptors, from: 'not known, too few RDT writes' };
}

function throttle({ folder, summary, accesses }: Evidence, config: string, label: string, path: string, descriptors: Setup['descriptors']): Setup['itr'] {
  const said = summary?.sc_itr ?? summary?.itr ?? summary?.conditions?.sc_itr ?? summary?.conditions?.itr;
  if (said !== undefined) return { value: said, from: 'summary' };
  const inConfig = itrIn(config);
  if (inConfig !== null) return { value: inConfig, from: `config '${config}'` };
  const write = accesses.find(({ register, kind }) => register === 'nic.itr' && kind === 'mmio-write');
  if (write !== undefined) return { value: write.value, from: 'a write to ITR' };
  const listed = fromTable(folder, config, label, summary);
  if (listed !== null) return listed;
  // The nearest folder that names a throttle; the lists of recordings name theirs.
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    const named = itrIn(basename(at));
    if (named !== null) return { value: named, from: `folder '${basename(at)}'` };
  }
  const { itr } = descriptors.value === STOCK.descriptors ? STOCK : PATCHED;
  return { value: itr, from: `${descriptors.value} descriptors: the driver's patches change both` };
}

function itrIn(name: string): number | null {
  const found = /itr[-_=]?(\d+)/i.exec(name)?.[1];
  return found === undefined ? null : Number(found);
}

/** table.csv beside the configurations lists sc_itr of each run; the same name may stand there twice, so the utilisation has to agree as well. */
function fromTable(folder: string, config: string, label: string, summary: Summary | null): Setup['itr'] | null {
  for (const parent of [join(folder, '..'), join(folder, '..', '..')]) {
    const file = join(parent, 'table.csv');
    if (!existsSync(file)) continue;
    const [header = '', ...rows] = readFileSync(file, 'utf8').trim().split(/\r?\n/);
    const names = header.split(',');
    const at = (row: readonly string[], name: string): string => row[names.indexOf(name)] ?? '';
    if (!names.includes('sc_itr')) continue;
    const found = rows.map((row) => row.split(',')).filter((row) => at(row, 'config') === config && at(row, 'load') === label)
      .filter((row) => summary?.utilisation === undefined || Math.abs(Number(at(row, 'utilisation')) - summary.utilisation) < 1e-3);
    const value = Number(found[0] === undefined ? NaN : at(found[0], 'sc_itr'));
    if (found.length === 1 && Number.isSafeInteger(value)) return { value, from: 'table.csv' };
  }
  return null;
}

function receiveBuffer(summary: Summary | null): Setup['receiveBuffer'] {
  const extra = summary?.conditions?.client_extra ?? [];
  const size = /^(\d+)([KM]?)$/i.exec(extra[extra.indexOf('-w') + 1] ?? '');
  if (!extra.includes('-w') || size === null) return { value: DEFAULT_RECEIVE, from: 'default' };
  const unit = { '': 1, K: 1024, M: 1 << 20 }[(size[2] ?? '').toUpperCase()] ?? 1;
  return { value: Number(size[1]) * unit, from: `-w ${size[0]}` };
}
