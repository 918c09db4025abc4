/** A stack of names, outermost first, and what it took; `before` where two runs are compared. */
export interface Stack {
  readonly frames: readonly string[];
  readonly value: number;
  readonly before?: number;
}

/** A box of a flame graph: where it lies and what it stands for, everything above it included. */
export interface FlameBox {
  readonly name: string;
  /** The names from the root to this one, joined by ` > `. */
  readonly path: string;
  /** 0: the root. */
  readonly depth: number;
  /** Left and right end, in the unit of the values. */
  readonly from: number;
  readonly to: number;
  readonly value: number;
  readonly before: number;
}

interface Node {
  readonly name: string;
  readonly children: Map<string, Node>;
  value: number;
  before: number;
}

/**
 * Merges stacks into boxes. Neighbours of one parent stand in order of their names, so that two graphs of the same program look alike. Where runs are compared a box is as wide as the larger
 * of its two values, so that what one of them lacks is seen too.
 */
export function flameLayout(root: string, stacks: readonly Stack[]): FlameBox[] {
  const top: Node = { name: root, children: new Map(), value: 0, before: 0 };
  for (const { frames, value, before = 0 } of stacks) {
    let node = top;
    for (const name of frames) {
      let child = node.children.get(name);
      if (child === undefined) node.children.set(name, (child = { name, children: new Map(), value: 0, before: 0 }));
      node = child;
    }
    node.value += value;
    node.before += before;
  }
  const boxes: FlameBox[] = [];
  place(top, '', 0, 0, boxes);
  return boxes.toSorted((a, b) => a.depth - b.depth || a.from - b.from);
}

/** Places a box over its children, whose widths add up to at most its own. Returns its right end. */
function place(node: Node, parent: string, depth: number, from: number, boxes: FlameBox[]): { to: number; value: number; before: number } {
  const path = parent === '' ? node.name : `${parent} > ${node.name}`;
  let to = from;
  let { value, before } = node;
  // What a stack that ends here takes by itself stands to the left of its children.
  to += Math.max(value, before);
  for (const child of [...node.children.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const placed = place(child, path, depth + 1, to, boxes);
    to = placed.to;
    value += placed.value;
    before += placed.before;
  }
  boxes.push({ name: node.name, path, depth, from, to, value, before });
  return { to, value, before };
}
