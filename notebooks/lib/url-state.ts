/** A value of a control as it stands in the page's address. */
type Text = string;

/** The state of a page in its address (after `#`), so that a link gives the same view. Only what differs from the standard is written. */
export class UrlState {
  private readonly standard: ReadonlyMap<string, Text>;
  private readonly values: Map<string, Text>;

  constructor(standard: Readonly<Record<string, Text>>, hash: string = location.hash) {
    this.standard = new Map(Object.entries(standard));
    this.values = new Map(this.standard);
    for (const [name, value] of new URLSearchParams(hash.replace(/^#/, ''))) if (this.standard.has(name)) this.values.set(name, value);
  }

  get(name: string): Text {
    return this.values.get(name) ?? '';
  }

  number(name: string): number {
    const value = Number(this.get(name));
    return Number.isFinite(value) ? value : Number(this.standard.get(name) ?? 0);
  }

  /** Sets values and writes the address; the page is not loaded anew and no step is added to the history. */
  set(values: Readonly<Record<string, Text | number>>): void {
    for (const [name, value] of Object.entries(values)) this.values.set(name, String(value));
    history.replaceState(null, '', this.link());
  }

  /** The address of this view. */
  link(): string {
    const changed = [...this.values].filter(([name, value]) => value !== this.standard.get(name));
    const text = new URLSearchParams(changed).toString();
    return `${location.pathname}${location.search}${text === '' ? '' : `#${text}`}`;
  }
}
