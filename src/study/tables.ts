import { float64, type DataType, utf8 } from '@uwdata/flechette';
import { type ColumnTable, table, toArrowIPC, toCSV } from 'arquero';
import { OPERATIONS } from '../kernel/sel4/operation.ts';
import type { Claim } from './claims/claim.ts';
import { INSTRUMENT_READING, kernelPart, type Reading, TRUE_READING } from './claims/reading.ts';
import type { RangeStudy } from './fig5-ranges.ts';
import { over, type PointSet } from './points.ts';
import type { RunResult } from './simulate.ts';
import type { Summary } from './statistics.ts';

type Cell = string | number | null;
export type Row = Readonly<Record<string, Cell>>;

/** A table of rows that all have the columns of the first. Shares are 0..1, loads and rates Mb/s, times in the unit that the column's name ends with. */
export function tableOf(rows: readonly Row[]): ColumnTable {
  const names = Object.keys(rows[0] ?? {});
  return table(Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name] ?? null)])));
}

/** One row a run, by pacing, system, load and run number as they were planned. */
export function runsTable(results: readonly RunResult[]): ColumnTable {
  return tableOf(results.map((result) => ({
    system: result.system,
    load_mbps: result.loadMbps,
    pacing: result.pacing,
    seed: result.seed,
    run: result.run,
    utilisation: result.utilisation,
    utilisation_measured: result.utilisationMeasured,
    kernel_share: result.kernelShare,
    kernel_share_full: result.kernelShareFull,
    throughput_mbps: result.throughputMbps,
    latency_mean_us: result.latencyUs.mean,
    latency_p50_us: result.latencyUs.p50,
    latency_p99_us: result.latencyUs.p99,
    frames_in: result.counters['frames.in'] ?? 0,
    frames_out: result.counters['frames.out'] ?? 0,
    frames_dropped: result.counters['frames.dropped'] ?? 0,
    interrupts_nic: result.counters['interrupts.nic'] ?? 0,
    interrupts_timer: result.counters['interrupts.timer'] ?? 0,
    port_reads: result.counters['port.read'] ?? 0,
    port_writes: result.counters['port.write'] ?? 0,
    log_entries: result.kernelLog?.entries ?? null,
    log_full_after_s: result.kernelLog?.fullAfter ?? null,
    busy_ticks: result.ticks.busy,
    idle_ticks: result.ticks.idle,
    elapsed_ticks: result.ticks.elapsed,
    fingerprint: result.fingerprint,
  })));
}

/** One row a point of Fig 4: mean, sample standard deviation and 95 % Student-t interval over the replications. */
export function fig4Table(points: PointSet): ColumnTable {
  return tableOf(points.points.map((point) => ({
    system: point.system,
    load_mbps: point.loadMbps,
    pacing: point.pacing,
    runs: point.runs.length,
    ...summaryCells('utilisation', over(point, (run) => run.utilisation)),
    ...summaryCells('utilisation_measured', over(point, (run) => run.utilisationMeasured)),
    ...summaryCells('throughput_mbps', over(point, (run) => run.throughputMbps)),
    ...summaryCells('kernel_share', over(point, (run) => run.kernelShare)),
  })));
}

/** One row a kernel operation of a point: Fig 5, beside it what the kernel's log of 65,536 entries shows. Systems without a kernel below them have no rows. */
export function fig5Table(points: PointSet): ColumnTable {
  const rows: Row[] = [];
  for (const point of points.points) {
    if (point.runs.every(({ kernelLog }) => kernelLog === null)) continue;
    for (const operation of OPERATIONS) {
      const share = (reading: Reading): Summary => over(point, (run) => reading.operation(run, operation));
      const part = (reading: Reading): number => over(point, (run) => kernelPart(run, reading, [operation])).mean;
      rows.push({
        system: point.system,
        load_mbps: point.loadMbps,
        pacing: point.pacing,
        operation,
        runs: point.runs.length,
        ...summaryCells('share_of_cpu', share(TRUE_READING)),
        share_of_kernel: part(TRUE_READING),
        entries_per_s: over(point, (run) => (run.counters[`kernel.${operation}`] ?? 0) / (run.duration - run.warmup)).mean,
        log_share_of_cpu: share(INSTRUMENT_READING).mean,
        log_share_of_kernel: part(INSTRUMENT_READING),
      });
    }
  }
  return tableOf(rows);
}

/** One row a claim: the headline verdict, then the verdicts under each pacing model and reading. */
export function claimsTable(claims: readonly Claim[]): ColumnTable {
  return tableOf(claims.map((claim) => ({
    id: claim.id,
    holds: verdictText(claim.holds),
    kind: claim.kind,
    value: claim.value,
    low: claim.interval?.[0] ?? null,
    high: claim.interval?.[1] ?? null,
    relation: claim.relation,
    bound: claim.bound,
    margin: claim.margin,
    unit: claim.unit,
    load_mbps: claim.loadMbps,
    needs: claim.needs.join(' '),
    ...Object.fromEntries(claim.verdicts.map(({ pacing, reading, holds }) => [`holds_${pacing}_${reading}`, verdictText(holds)])),
    text: claim.text,
    finding: claim.finding,
    source: claim.source,
  })));
}

/** One row a draw of the study over equal, independent ranges. */
export function rangesTable({ loadMbps, points }: RangeStudy): ColumnTable {
  return tableOf(points.map(({ pit, pic, ioapic, portLead, interrupts, kernelIoapic }) => ({
    load_mbps: loadMbps, pit_ns: pit, pic_ns: pic, ioapic_write_ns: ioapic, port_lead_of_kernel: portLead, interrupts_of_kernel: interrupts, kernel_share_ioapic: kernelIoapic,
  })));
}

export function verdictText(holds: boolean | null): 'yes' | 'no' | 'open' {
  return holds === null ? 'open' : holds ? 'yes' : 'no';
}

/** CSV with every digit; an empty cell is a number that does not exist. */
export function csv(data: ColumnTable): string {
  return toCSV(data);
}

/** An Arrow IPC file of float64 and utf8 columns. */
export function arrow(data: ColumnTable): Uint8Array {
  const types: Record<string, DataType> = {};
  for (const name of data.columnNames()) types[name] = data.array(name).some((cell: unknown) => typeof cell === 'string') ? utf8() : float64();
  const bytes = toArrowIPC(data, { format: 'file', types });
  if (bytes === null) throw new Error('the Arrow writer gave nothing');
  return bytes;
}

function summaryCells(name: string, { mean, sd, half }: Summary): Row {
  return { [name]: mean, [`${name}_sd`]: sd, [`${name}_low`]: half === null ? null : mean - half, [`${name}_high`]: half === null ? null : mean + half };
}
