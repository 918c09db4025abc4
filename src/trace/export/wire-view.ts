import { DIRECTION_IN } from '../format.ts';
import type { TraceBatch, TraceSource } from '../source.ts';
import { NameCodes } from './name-codes.ts';
import { Annotation, FlowStep, type TimelineSink } from './timeline-sink.ts';
import type { TimelineContext, TimelineView } from './timeline-view.ts';
import { WindowMeter } from './window-meter.ts';

/** What is said of a frame. */
const SAID = ['bytes', 'payload', 'seq', 'ack', 'flow'] as const;

/** Frames: an instant each on a track for either direction, and bytes a millisecond. */
export class WireView implements TimelineView {
  private readonly sink: TimelineSink;
  private readonly kinds: NameCodes;
  private readonly keys: readonly number[];
  private readonly tracks: readonly number[];
  private readonly meters: readonly WindowMeter[];
  private kind: Int32Array = new Int32Array(0);
  private direction: Float64Array = new Float64Array(0);
  private said: readonly Float64Array[] = [];

  constructor({ sink, millisecond, next }: TimelineContext, source: TraceSource, suffix: string, meaning: string) {
    this.sink = sink;
    this.kinds = new NameCodes(source, 'kind', sink);
    this.keys = SAID.map((name) => sink.name(name));
    const group = next();
    sink.group(group, `wire${suffix}`, meaning, false);
    this.tracks = ['in', 'out'].map((name) => {
      const track = next();
      sink.track(track, group, name);
      return track;
    });
    this.meters = ['in', 'out'].map((name) => {
      const track = next();
      sink.counter(track, group, `bytes ${name} per ms`, 'bytes');
      return new WindowMeter(sink, track, millisecond, 0);
    });
  }

  load(batch: TraceBatch): void {
    this.kind = batch.codes('kind');
    this.direction = batch.integers('direction');
    this.said = SAID.map((name) => batch.integers(name));
  }

  row(row: number, t: number): void {
    const { sink, keys, said } = this;
    const way = this.direction[row] === DIRECTION_IN ? 0 : 1;
    for (let i = 0; i < said.length; i++) sink.annotate(Annotation.count, keys[i]!, said[i]![row]!); // a key and a column each
    sink.instant(this.tracks[way]!, t, this.kinds.of(this.kind[row]!), 0, FlowStep.through);
    this.meters[way]!.add(t, said[0]![row]!);
  }

  finish(): void {
    for (const meter of this.meters) meter.finish();
  }
}
