import { readFileSync, readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { specifiers, violations, type SourceFile } from './layers.ts';

const src = fileURLToPath(new URL('../../src', import.meta.url));

function sources(): SourceFile[] {
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({ path: name.split(sep).join('/'), text: readFileSync(join(src, name), 'utf8') }));
}

describe('imports only go down', () => {
  test('in every file of src', () => {
    const files = sources();
    expect(files.length).toBeGreaterThan(0);
    expect(files.flatMap(violations)).toEqual([]);
  });

  test.each([
    ['an import that goes up', 'hw/nic.ts', "import { run } from '../kernel/run.ts';"],
    ['a type that goes up', 'events/lane.ts', "import type { Nic } from '../hw/nic.ts';"],
    ['an export that goes up', 'kernel/index.ts', "export * from '../rump/index.ts';"],
    ['a dynamic import that goes up', 'load/tcp.ts', "const m = await import('../cli/main.ts');"],
    ['an import over several lines', 'hw/nic.ts', "import {\n  a,\n  b,\n} from '../load/tcp.ts';"],
    ["Node's modules in the core", 'load/tcp.ts', "import { readFileSync } from 'node:fs';"],
    ['a package in the core', 'rump/bmk.ts', "import * as arrow from 'apache-arrow';"],
    ['a file outside src', 'study/run.ts', "import '../../test/house/layers.ts';"],
    ['powers in the core', 'hw/core.ts', 'export const x = 3.4 ** 20 + 12 ** 2;'],
    ['a function that is assigned to a property', 'hw/nic.ts', '    core.onInterrupt = () => this.interrupt();'],
    ['a field that begins with one', 'hw/nic.ts', '  private readonly start: (first: Tick) => void = (first): void => this.timer.start(first);'],
    ['a folder without a layer', 'util/array.ts', ''],
  ])('%s is found', (_what, path, text) => {
    expect(violations({ path, text })).toHaveLength(1);
  });

  test.each([
    ['the same folder', 'hw/nic.ts', "import { a } from './ring.ts';"],
    ['a folder before it', 'kernel/sel4/irq.ts', "import type { Tick } from '../../events/time.ts';"],
    ['a package of the core', 'events/simulator.ts', "import TinyQueue from 'tinyqueue';"],
    ['Node above the core', 'trace/arrow.ts', "import { open } from 'node:fs/promises';"],
    ['a power of two', 'load/cubic.ts', 'export const unit = 2 ** 40;'],
    ['a function by a name, and one handed through a call', 'hw/nic.ts', '    const start = () => 1;\n    core.start = young(() => 1);\n    type F = () => void;'],
    ['what only a comment says', 'hw/nic.ts', "// import { x } from '../cli/main.ts' is not a ** b\n/** see '../load/tcp.ts' */"],
  ])('%s is allowed', (_what, path, text) => {
    expect(violations({ path, text })).toEqual([]);
  });

  test('a specifier is read from every form of import', () => {
    const text = "import 'a';\nimport b from \"b\";\nimport type { c } from 'c';\nexport { d } from 'd';\nconst e = import('e');\n// import 'f'\n";
    expect(specifiers(text)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
});
