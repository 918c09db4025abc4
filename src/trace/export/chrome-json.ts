import type { TraceClock } from '../metadata.ts';
import { align, nameOf, toNanoseconds } from './alignment.ts';
import type { ExportFormat } from './exporter.ts';
import { writeTimeline } from './timeline.ts';
import { Annotation, type AnnotationKind, FlowStep, type FlowStepCode, type TimelineSink } from './timeline-sink.ts';

/** Characters that are given out at once. */
const PIECE = 1 << 16;
/** Flow events are of one category: their numbers count within it. */
const FLOW = '"cat":"interrupt","name":"interrupt"';

/**
 * Chrome's trace event format, as JSON that is read by chrome://tracing, ui.perfetto.dev and others. Times in microseconds with three decimals. A group is a process, a
 * track a thread. An instant that a flow goes through is a slice without length, since flows bind to slices.
 */
class ChromeJsonWriter implements TimelineSink {
  private readonly out: (bytes: Uint8Array) => void;
  private readonly nanoseconds: (units: number) => number;
  private readonly encoder = new TextEncoder();
  private readonly codes = new Map<string, number>();
  /** Names as JSON strings. */
  private readonly texts: string[] = ['""'];
  /** What stands for a track in an event: its process, thread, and of a counter its name. */
  private readonly places: string[] = [];
  /** Flows are numbered in the order of their first steps. */
  private newestFlow = 0;
  private args = '';
  private text: string;

  constructor(clock: TraceClock, command: string, out: (bytes: Uint8Array) => void) {
    this.out = out;
    this.nanoseconds = toNanoseconds(clock);
    const said = { clock: nameOf(clock), origin: `${clock.origin} after ${clock.originMeaning}`, command };
    this.text = `{"displayTimeUnit":"ns","otherData":${JSON.stringify(said)},"traceEvents":[\n{"ph":"M","pid":0,"tid":0,"name":"process_sort_index","args":{"sort_index":0}}`;
  }

  group(id: number, name: string, meaning: string): void {
    this.metadata(id, id, 'process_name', `"name":${JSON.stringify(name)}`);
    this.metadata(id, id, 'process_labels', `"labels":${JSON.stringify(meaning)}`);
    this.metadata(id, id, 'process_sort_index', `"sort_index":${id}`);
  }

  track(id: number, group: number, name: string): void {
    this.places[id] = `"pid":${group},"tid":${id}`;
    this.metadata(group, id, 'thread_name', `"name":${JSON.stringify(name)}`);
    this.metadata(group, id, 'thread_sort_index', `"sort_index":${id}`);
  }

  counter(id: number, group: number, name: string, unit: string): void {
    this.places[id] = `"pid":${group},"tid":${group},"name":${JSON.stringify(unit === '' ? name : `${name} (${unit})`)}`;
  }

  name(text: string): number {
    let code = this.codes.get(text);
    if (code === undefined) {
      code = this.texts.push(JSON.stringify(text)) - 1;
      this.codes.set(text, code);
    }
    return code;
  }

  annotate(kind: AnnotationKind, key: number, value: number): void {
    let text: string | undefined;
    switch (kind) {
      case Annotation.count:
        text = String(value);
        break;
      case Annotation.address:
        text = `"0x${value.toString(16)}"`;
        break;
      case Annotation.name:
        text = this.texts[value];
        break;
    }
    this.args += `${this.args === '' ? '' : ','}${this.texts[key]}:${text}`;
  }

  begin(track: number, t: number, name: number, flow: number): void {
    this.write(`"ph":"B",${this.at(track, t)},"name":${this.texts[name]}${this.takeArgs()}`);
    this.step(track, t, flow, false);
  }

  end(track: number, t: number): void {
    this.write(`"ph":"E",${this.at(track, t)}`);
  }

  instant(track: number, t: number, name: number, flow: number, step: FlowStepCode): void {
    if (flow === 0) {
      this.write(`"ph":"i","s":"t",${this.at(track, t)},"name":${this.texts[name]}${this.takeArgs()}`);
      return;
    }
    this.begin(track, t, name, 0);
    this.step(track, t, flow, step === FlowStep.last);
    this.end(track, t);
  }

  count(track: number, t: number, value: number): void {
    this.write(`"ph":"C",${this.at(track, t)},"args":{"value":${value}}`);
  }

  finish(): void {
    this.text += '\n]}\n';
    this.give();
  }

  /** The first step of a flow starts it. */
  private step(track: number, t: number, flow: number, last: boolean): void {
    if (flow === 0) return;
    const started = flow <= this.newestFlow;
    if (!started) this.newestFlow = flow;
    // A flow that is over where it would begin is no arrow.
    if (last && !started) return;
    const phase = last ? '"ph":"f","bp":"e"' : started ? '"ph":"t"' : '"ph":"s"';
    this.write(`${phase},"id":${flow},${this.at(track, t)},${FLOW}`);
  }

  private at(track: number, t: number): string {
    const nanoseconds = this.nanoseconds(t);
    const whole = Math.floor(nanoseconds / 1000);
    const rest = nanoseconds - whole * 1000;
    return `${this.places[track]},"ts":${whole}.${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}`;
  }

  private takeArgs(): string {
    if (this.args === '') return '';
    const text = `,"args":{${this.args}}`;
    this.args = '';
    return text;
  }

  private metadata(process: number, thread: number, name: string, value: string): void {
    this.write(`"ph":"M","pid":${process},"tid":${thread},"name":"${name}","args":{${value}}`);
  }

  private write(fields: string): void {
    this.text += `,\n{${fields}}`;
    if (this.text.length >= PIECE) this.give();
  }

  private give(): void {
    this.out(this.encoder.encode(this.text));
    this.text = '';
  }
}

export const chromeJson: ExportFormat = {
  name: 'chrome',
  title: 'Chrome trace event JSON',
  extension: '.json',
  kinds: ['wire', 'hardware', 'kernel', 'ledger'],
  several: true,
  write(sources, out, { command }) {
    writeTimeline(sources, new ChromeJsonWriter(align(sources).clock, command, out));
  },
};
