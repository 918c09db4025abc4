import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/**
 * Makes what the notebooks serve beside themselves, from the recorded traces of the repository: `npm run notebooks:data`.
 * - recorded/*.arrow.gz: a stretch of each recording of iperf3 on a wire, with recorded.json saying where each is from;
 * - iperf3-360.pcap.gz: a shorter one as a packet capture, to try;
 * - validation.json: what `rumpsim validate traces --json` says, without the counts behind its costs.
 */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDER = 'notebooks/data';
const RECORDINGS = 'traces/netns-iperf3-3.12';
const LOADS = [180, 360, 540, 720, 900];
const PACINGS = { paced: 'fq', onoff: 'onoff' } as const;
/** The recordings are over slow start by then. */
const FROM = '1s';
const TO = '1.72s';

function rumpsim(...parts: readonly string[]): string {
  return execFileSync(process.execPath, ['bin/rumpsim.mjs', ...parts], { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26 });
}

function path(file: string): string {
  return `${ROOT}/${FOLDER}/${file}`;
}

/** Packs a file; returns what is in it by hash. */
function pack(file: string): { readonly bytes: number; readonly sha256: string } {
  const plain = readFileSync(path(file));
  writeFileSync(path(`${file}.gz`), gzipSync(plain, { level: 9 }));
  rmSync(path(file));
  return { bytes: plain.length, sha256: createHash('sha256').update(plain).digest('hex') };
}

function recordings(): unknown[] {
  return Object.entries(PACINGS).flatMap(([name, pacing]) => LOADS.map((load) => {
    const source = `${RECORDINGS}/${name}-${load}/wire.arrow`;
    const file = `recorded/${name}-${load}.arrow`;
    rumpsim('trace', 'cut', source, `${FOLDER}/${file}`, '--from', FROM, '--to', TO);
    const { bytes, sha256 } = pack(file);
    return { file: `${file}.gz`, pacing, load, source, from: FROM, to: TO, bytes, sha256 };
  }));
}

function sample(): void {
  const cut = 'iperf3-360.arrow';
  const capture = 'iperf3-360.pcap';
  rumpsim('trace', 'cut', `${RECORDINGS}/paced-360/wire.arrow`, `${FOLDER}/${cut}`, '--from', FROM, '--to', '1.3s');
  rumpsim('trace', 'convert', `${FOLDER}/${cut}`, `${FOLDER}/${capture}`);
  rmSync(path(cut));
  pack(capture);
}

interface Validated {
  readonly rows: readonly { readonly recording: string }[];
  readonly recordings: readonly { readonly name: string; readonly hash: string; readonly given: unknown; readonly costs: unknown; readonly notes: readonly Record<string, unknown>[]; readonly warnings: unknown }[];
}

function validation(): string {
  const { rows, recordings: all, ...rest } = JSON.parse(rumpsim('validate', 'traces', '--jobs', '1', '--json')) as Validated & Record<string, unknown>;
  const kept = all.map(({ hash: _hash, given: _given, costs: _costs, warnings: _warnings, notes, ...recording }) => Object.assign({}, recording, {
    notes: Object.fromEntries(notes.map(({ quantity, ...note }) => [String(quantity), note])),
    rows: rows.filter((row) => row.recording === recording.name).map(({ recording: _recording, ...row }) => row),
  }));
  return `${JSON.stringify({ ...rest, recordings: kept }, null, 1)}\n`;
}

writeFileSync(path('recorded.json'), `${JSON.stringify(recordings(), null, 2)}\n`);
sample();
writeFileSync(path('validation.json'), validation());
