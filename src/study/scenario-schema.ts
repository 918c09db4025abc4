import { z } from 'zod';
import { PACING_NAMES } from '../load/pacing/pacing.ts';
import { defaultCosts } from './cost-tables.ts';
import { type Limit, LIMITS, type LimitName, rangeText } from './limits.ts';
import { COST_PREFIX } from './override.ts';
import { type Parameter, PARAMETERS } from './parameter.ts';

/** A value of a setting as a file writes it: a number, or text with a unit. */
const value = z.union([z.number(), z.string(), z.boolean()]);

/** A setting as the schema lets it through. */
export type SettingValue = number | string | boolean | undefined;

function number(name: LimitName): z.ZodOptional<z.ZodType<number | string>> {
  const limit: Limit = LIMITS[name];
  const remedy = { error: `give a ${limit.whole ? 'whole ' : ''}number in ${rangeText(limit)}` };
  const range = (limit.whole ? z.int(remedy) : z.number(remedy)).min(limit.low, remedy).max(limit.high, remedy);
  const units = Object.keys(limit.units);
  const schema = units.length === 0 ? range : z.union([range, z.string()], remedy);
  const description = `${limit.means}: ${rangeText(limit)}${units.length === 0 ? '' : `, or text with a unit (${units.join(', ')})`}`;
  return schema.optional().meta({ description, default: limit.standard });
}

function setting(parameter: Parameter): z.ZodOptional<z.ZodType<number | string | boolean>> {
  const { means, takes, choices, low = 0, high = Number.MAX_SAFE_INTEGER, step = 1 } = parameter;
  const description = `${means}: ${takes}`;
  if (parameter.key === 'socket.autosize') return z.boolean({ error: 'give true or false' }).optional().meta({ description });
  if (choices !== undefined) return z.enum(choices).optional().meta({ description });
  const remedy = { error: `give ${takes}` };
  const whole = z.int(remedy).min(low, remedy).max(high, remedy);
  return z.union([step === 1 ? whole : whole.multipleOf(step, remedy), z.string()], remedy).optional().meta({ description });
}

/** The settings `prefix.*` as an object, or those without a dot. */
function settings(prefix: string): Record<string, z.ZodOptional<z.ZodType<number | string | boolean>>> {
  const own = PARAMETERS.filter(({ key }) => (prefix === '' ? !key.includes('.') : key.startsWith(prefix)));
  return Object.fromEntries(own.map((parameter) => [parameter.key.slice(prefix.length), setting(parameter)]));
}

/** How a system of the user's own may be called. */
const name = z.string().regex(/^[A-Za-z][\w.-]*$/, 'give a name of letters, digits, dots and hyphens that starts with a letter');

const system = z
  .strictObject({
    base: z.string().optional().meta({ description: 'a preset, or a system above this one, to start from; without it kernel, controller and (for Rumprun) timer are needed, NIC and sockets are as in the paper' }),
    title: z.string().optional().meta({ description: 'name for charts and reports' }),
    ...settings(''),
    nic: z.strictObject(settings('nic.')).optional().meta({ description: 'settings of the 82574L; throttle comes first, the others change single registers after it' }),
    socket: z.strictObject(settings('socket.')).optional().meta({ description: 'the server\'s socket' }),
    linux: z.strictObject(settings('linux.')).optional().meta({ description: 'what only Linux has' }),
  })
  .meta({ description: 'a machine put together from parts' });

function keyed(keys: readonly string[], means: string): z.ZodOptional<z.ZodType<Partial<Record<string, number | string | boolean>>>> {
  return z.partialRecord(z.enum(keys), value).optional().meta({ description: means });
}

const costIds = defaultCosts().rows().map(({ id }) => id);

/**
 * A scenario file: a system, perhaps of the user's own composition, under a load. Unknown keys are refused at every level. Messages say what to give instead;
 * `scenario-file.ts` puts the place and what was found there in front.
 */
export const scenarioSchema = z
  .strictObject({
    $schema: z.string().optional().meta({ description: 'address of this schema, for editors' }),
    systems: z.record(name, system).optional().meta({ description: 'systems of your own, by name; one named like a preset takes its place' }),
    system: z.string().optional().meta({ description: 'the system to run: a preset or one of `systems`' }),
    load: number('load'),
    pacing: z.enum(PACING_NAMES).optional().meta({ description: 'how the client spreads its load: fq, TSO bursts spaced by rate; onoff, iperf\'s own 10 Hz throttle; even, one frame at a time', default: 'fq' }),
    duration: number('duration'),
    warmup: number('warmup'),
    seed: number('seed'),
    run: number('run'),
    reps: number('reps'),
    set: keyed([...PARAMETERS.map(({ key }) => key), ...costIds.map((id) => `${COST_PREFIX}${id}`)], 'settings of the chosen system changed afterwards, as --set does'),
    costs: keyed(costIds, 'numbers of the model: value in the cost\'s own unit, or text with a unit; `rumpsim costs` lists them'),
  })
  .meta({ title: 'rumpsim scenario', description: 'What to simulate: a system under a load. Everything may be left out that the command line gives or that has a default.' });

export type ScenarioContent = z.infer<typeof scenarioSchema>;
export type SystemContent = z.infer<typeof system>;

/** The schema as JSON Schema (draft 2020-12), for editors. */
export function scenarioJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(scenarioSchema);
}
