import type { RandomStream } from '../../src/events/random.ts';

/** What a mutator works on: the bytes, and other files of the format to take pieces from. */
interface Material {
  readonly bytes: Uint8Array;
  readonly others: readonly Uint8Array[];
  readonly random: RandomStream;
}

type Mutator = (material: Material) => Uint8Array;

/** Values at which lengths, counts and times go wrong. */
const EXTREMES = [0, 1, 2, 3, 4, 7, 8, 11, 12, 15, 16, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x40000, 0x40001, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff];
const LONGEST = 1 << 17;

function pick<T>(random: RandomStream, list: readonly T[]): T | undefined {
  return list[random.integer(0, list.length - 1)];
}

function place(random: RandomStream, bytes: Uint8Array): number {
  // Heads of files decide more than their middles.
  return random.integer(0, Math.max(0, (random.uniform() < 0.3 ? Math.min(bytes.length, 64) : bytes.length) - 1));
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts)).subarray(0, LONGEST);
}

function replaced(bytes: Uint8Array, from: number, to: number, by: Uint8Array): Uint8Array {
  return joined(bytes.subarray(0, from), by, bytes.subarray(Math.max(from, to)));
}

const flipBits: Mutator = ({ bytes, random }) => {
  const copy = bytes.slice();
  for (let count = random.integer(1, 8); count > 0 && copy.length > 0; count--) copy[place(random, copy)]! ^= 1 << random.integer(0, 7); // inside
  return copy;
};

/** Puts an extreme value into what may be a length: 2, 4 or 8 bytes, either order, mostly aligned. */
const setField: Mutator = ({ bytes, random }) => {
  const copy = bytes.slice();
  const size = pick(random, [2, 4, 4, 4, 8]) ?? 4;
  const at = place(random, copy) & (random.uniform() < 0.8 ? -4 : -1);
  if (at + size > copy.length) return copy;
  const view = new DataView(copy.buffer);
  const value = pick(random, EXTREMES) ?? 0;
  const little = random.uniform() < 0.5;
  if (size === 2) view.setUint16(at, value, little);
  else view.setUint32(at, value, little);
  if (size === 8) view.setUint32(at + 4, pick(random, EXTREMES) ?? 0, little);
  return copy;
};

const swapBytes: Mutator = ({ bytes, random }) => {
  const copy = bytes.slice();
  const size = pick(random, [2, 4, 8]) ?? 4;
  const at = place(random, copy) & -size;
  copy.subarray(at, at + size).reverse();
  return copy;
};

const cut: Mutator = ({ bytes, random }) => bytes.slice(0, random.integer(0, bytes.length));

const deleteBlock: Mutator = ({ bytes, random }) => {
  const from = place(random, bytes);
  return replaced(bytes, from, from + random.integer(1, 200), new Uint8Array(0));
};

const repeatBlock: Mutator = ({ bytes, random }) => {
  const from = place(random, bytes);
  const block = bytes.subarray(from, from + random.integer(1, 400));
  return replaced(bytes, from, from, joined(...Array.from({ length: random.integer(1, 5) }, () => block)));
};

const splice: Mutator = ({ bytes, others, random }) => {
  const other = pick(random, others) ?? bytes;
  const from = place(random, other);
  const at = place(random, bytes);
  return replaced(bytes, at, at + random.integer(0, 100), other.subarray(from, from + random.integer(1, 2000)));
};

const insertNoise: Mutator = ({ bytes, random }) => {
  const at = place(random, bytes);
  return replaced(bytes, at, at, Uint8Array.from({ length: random.integer(1, 64) }, () => random.integer(0, 255)));
};

/** Changes one line of a text. */
function line(change: (text: string, random: RandomStream) => string): Mutator {
  return ({ bytes, random }) => {
    const at = place(random, bytes);
    const from = bytes.lastIndexOf(10, at - 1) + 1;
    const newline = bytes.indexOf(10, at);
    const to = newline < 0 ? bytes.length : newline;
    const text = Buffer.from(bytes.subarray(from, to)).toString('latin1');
    return replaced(bytes, from, to, Buffer.from(change(text, random), 'latin1'));
  };
}

const HUGE = ['0', '-1', '99999999999999999999', '9007199254740993', '18446744073709551616', '0xffffffffffffffff', '1e308', '1.5', 'NaN', '00000000000000000001', '4294967296', ''];
const ODD = ['\0', '\t', '\r', ',', '"', '\x80\xff', '\xef\xbb\xbf', '\xc3', '::', '->', '[', ']', '=', ' ', '\n', '\r\n'];

const swapFields = line((text, random) => {
  const fields = text.split(/([ ,:=\t]+)/);
  const a = random.integer(0, fields.length - 1);
  const b = random.integer(0, fields.length - 1);
  return fields.with(a, fields[b] ?? '').with(b, fields[a] ?? '').join('');
});

const hugeNumber = line((text, random) => {
  const numbers = [...text.matchAll(/\d+/g)];
  const found = pick(random, numbers);
  return found === undefined ? text : text.slice(0, found.index) + (pick(random, HUGE) ?? '') + text.slice(found.index + found[0].length);
});

const oddBytes = line((text, random) => {
  const at = random.integer(0, text.length);
  return text.slice(0, at) + (pick(random, ODD) ?? '').repeat(random.integer(1, 3)) + text.slice(at);
});

const longLine = line((text, random) => text + 'x1 '.repeat(random.integer(1, 30_000)));

const repeatLine = line((text, random) => Array.from({ length: random.integer(2, 60) }, () => text).join('\n'));

const dropFields = line((text, random) => text.slice(0, random.integer(0, text.length)));

const BINARY: readonly Mutator[] = [flipBits, flipBits, setField, setField, setField, swapBytes, cut, deleteBlock, repeatBlock, splice, insertNoise];
const TEXT: readonly Mutator[] = [flipBits, cut, deleteBlock, repeatBlock, splice, swapFields, swapFields, hugeNumber, hugeNumber, oddBytes, longLine, repeatLine, dropFields];

/** One of the files, spoiled by one to four mutations. */
export function spoiled(files: readonly Uint8Array[], text: boolean, random: RandomStream): Uint8Array {
  let bytes = pick(random, files) ?? new Uint8Array(0);
  for (let count = random.integer(1, 4); count > 0; count--) {
    // Now and then one of the other kind.
    const mutate = pick(random, (random.uniform() < 0.9) === text ? TEXT : BINARY);
    if (mutate !== undefined) bytes = mutate({ bytes, others: files, random });
  }
  return bytes;
}

/** Cuts bytes into chunks: whole, even, or at random places. */
export function chunks(bytes: Uint8Array, random: RandomStream): Uint8Array[] {
  const mode = random.integer(0, 3);
  if (mode === 0) return [bytes];
  const most = mode === 1 ? random.integer(1, 16) : random.integer(17, 5000);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = mode === 3 ? random.integer(0, most) : most;
    parts.push(bytes.subarray(at, at + size));
    at += size;
  }
  return parts;
}
