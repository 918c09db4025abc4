/** The folders of src in the order in which they may import: each those before it. */
const LAYERS = ['events', 'hw', 'anykernel', 'kernel', 'rump', 'load', 'trace', 'study', 'chart', 'cli'] as const;

/** The layers that run unchanged in Node, a browser and a worker. */
const CORE: ReadonlySet<string> = new Set(['events', 'hw', 'anykernel', 'kernel', 'rump', 'load']);

/** The packages the core may use: plain JavaScript that needs no Node. */
const CORE_PACKAGES: ReadonlySet<string> = new Set(['tinyqueue', 'seedrandom/lib/alea.js']);

export interface SourceFile {
  /** Relative to src, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|[^:'"`])\/\/.*$/gm, '$1');
}

/** What a file imports or re-exports, as written: static, side-effect and dynamic imports, types too. */
export function specifiers(text: string): string[] {
  const found: string[] = [];
  const pattern = /(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"]+)['"]/g;
  for (const match of withoutComments(text).matchAll(pattern)) found.push(match[1] ?? '');
  return found;
}

function layerOf(path: string): number {
  return LAYERS.findIndex((layer) => path.startsWith(`${layer}/`));
}

/** A function literal that is assigned to a property, also as a field begins: see src/events/young.ts. */
const OLD_FUNCTION = /^ *(?:(?:private|protected|readonly|override) )*[\w.]+(?:: [^=].*)? = (?:\([^()]*\)|\w+)(?:: [^=]+)? =>/m;

/** One line for each import that goes up, leaves src, or brings something into the core that a browser has not. */
export function violations(file: SourceFile): string[] {
  const own = layerOf(file.path);
  const layer = LAYERS[own];
  if (layer === undefined) return [`${file.path}: is in none of the layers ${LAYERS.join(', ')}`];
  const core = CORE.has(layer);
  const lines: string[] = [];
  for (const specifier of specifiers(file.text)) {
    if (!specifier.startsWith('.')) {
      if (core && !CORE_PACKAGES.has(specifier)) lines.push(`${file.path}: the core may not import ${specifier}`);
      continue;
    }
    const target = new URL(specifier, `file:///src/${file.path}`).pathname;
    const other = target.startsWith('/src/') ? layerOf(target.slice('/src/'.length)) : -1;
    if (other < 0) lines.push(`${file.path}: ${specifier} is outside the layers`);
    else if (other > own) lines.push(`${file.path}: ${specifier} is above ${layer}`);
  }
  // Lint knows the functions of Math by name; the operator gives what Math.pow gives, which only for powers of two is one number everywhere.
  if (core && /(?<!\b2 )\*\*/.test(withoutComments(file.text))) lines.push(`${file.path}: engines round the operator ** differently`);
  if (core && OLD_FUNCTION.test(withoutComments(file.text))) lines.push(`${file.path}: a function literal is assigned to a property: hand it through young()`);
  return lines;
}
