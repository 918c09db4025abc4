import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { didYouMean } from './nearest.ts';
import { type ScenarioContent, scenarioJsonSchema, scenarioSchema } from './scenario-schema.ts';
import { UserError } from './user-error.ts';

type Key = string | number | symbol;

/** A scenario file that has passed the schema. */
export interface ScenarioDocument {
  readonly content: ScenarioContent;
  /** `FILE:LINE:COLUMN: key.path` of a key path, for messages. */
  place(path: readonly Key[]): string;
}

/**
 * Reads a scenario file, YAML or JSON (which is YAML too).
 * @throws UserError with file, line and column, key path and remedy for the first thing that is wrong.
 */
export function readScenario(text: string, file: string): ScenarioDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const position = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const [broken] = document.errors;
  if (broken !== undefined) throw new UserError(position(broken.pos[0]), `not YAML: ${broken.message}`, 'check quotes, indentation and colons');
  if (!isMap(document.contents)) throw new UserError(file, 'a scenario is a mapping of keys to values', 'for example `system: sel4-msi`');
  const place = (path: readonly Key[]): string => {
    const offset = offsetOf(document, path);
    const where = offset === undefined ? file : position(offset);
    return path.length === 0 ? where : `${where}: ${path.map(String).join('.')}`;
  };
  const parsed = scenarioSchema.safeParse(document.toJS());
  if (parsed.success) return { content: parsed.data, place };
  const [issue] = parsed.error.issues;
  if (issue === undefined) throw new UserError(file, 'does not fit the schema');
  throw explain(issue, document, place);
}

/** Where a key path stands in the file: its key, or the nearest level above it that is there. */
function offsetOf(document: Document, path: readonly Key[]): number | undefined {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    if (!isMap(parent)) continue;
    const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(path[depth - 1]));
    if (pair !== undefined && isNode(pair.key)) return pair.key.range?.[0];
  }
  return undefined;
}

function explain(issue: z.core.$ZodIssue, document: Document, place: (path: readonly Key[]) => string): UserError {
  const { path } = issue;
  const found: unknown = document.getIn(path);
  const shown = found === undefined || (typeof found === 'object' && found !== null) ? 'this' : `'${String(found)}'`;
  switch (issue.code) {
    case 'unrecognized_keys': {
      const [key = ''] = issue.keys;
      return new UserError(place([...path, key]), `unknown key '${key}'`, didYouMean(key, keysAt(path)));
    }
    case 'invalid_key':
      return new UserError(place(path), 'this name is not taken', issue.issues[0]?.message ?? '');
    case 'invalid_value':
      return new UserError(place(path), `${shown} is not one of the choices`, didYouMean(String(found), issue.values.map(String)));
    default:
      return new UserError(place(path), `${shown} is not taken`, issue.message.replace(/^Invalid input: expected/, 'give a'));
  }
}

/** The keys the schema knows at a key path. */
function keysAt(path: readonly Key[]): string[] {
  let level: JsonSchema = scenarioJsonSchema();
  for (const key of path) level = level.properties?.[String(key)] ?? level.additionalProperties ?? {};
  return level.propertyNames?.enum ?? Object.keys(level.properties ?? {});
}

/** The part of JSON Schema that our schema's objects use. */
interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema;
  readonly propertyNames?: { readonly enum?: string[] };
}
