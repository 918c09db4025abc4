/** First in, first out, in a ring that is kept: `Array.shift` gives its storage up again and again, which shows in queues that empty thousands of times a second. */
export class Fifo<T> {
  length = 0;
  private items: (T | null)[] = [null, null, null, null, null, null, null, null];
  private head = 0;

  push(item: T): void {
    if (this.length === this.items.length) this.grow();
    this.items[(this.head + this.length++) & (this.items.length - 1)] = item;
  }

  /** Takes the oldest; null when there is none. */
  shift(): T | null {
    if (this.length === 0) return null;
    const item = this.items[this.head]!; // inside the ring
    this.items[this.head] = null;
    this.head = (this.head + 1) & (this.items.length - 1);
    this.length--;
    return item;
  }

  includes(item: T): boolean {
    for (let i = 0; i < this.length; i++) if (this.items[(this.head + i) & (this.items.length - 1)] === item) return true;
    return false;
  }

  private grow(): void {
    const items: (T | null)[] = Array.from({ length: this.items.length * 2 }, () => null);
    for (let i = 0; i < this.length; i++) items[i] = this.items[(this.head + i) & (this.items.length - 1)]!; // the ring is full
    this.items = items;
    this.head = 0;
  }
}
