/** Times from the move of a control to what is on the page, as measures that the browser's own tools show, too. */
export class Stopwatch {
  /** Milliseconds of the last move; null: not there yet. */
  private pointMs: number | null = null;
  private allMs: number | null = null;
  private simulatedMs = 0;
  private begun = 0;

  /** A control moves. */
  start(): void {
    this.begun = performance.now();
    this.pointMs = null;
    this.allMs = null;
  }

  /** The first point is drawn, of which `simulated` milliseconds were simulation. */
  point(simulated: number): void {
    this.simulatedMs = simulated;
    this.pointMs = this.measure('rumpsim: one point');
  }

  /** All of it is drawn. */
  all(): void {
    this.allMs = this.measure('rumpsim: all points');
  }

  get text(): string {
    const parts = [
      ...(this.pointMs === null ? [] : [`the first point on the page after ${this.pointMs.toFixed(0)} ms (${this.simulatedMs.toFixed(0)} ms of it simulation)`]),
      ...(this.allMs === null ? [] : [`all after ${this.allMs.toFixed(0)} ms`]),
    ];
    return parts.length === 0 ? '' : `${parts.join(', ')}.`.replace(/^t/, 'T').replace(/^a/, 'A');
  }

  private measure(name: string): number {
    return performance.measure(name, { start: this.begun }).duration;
  }
}
