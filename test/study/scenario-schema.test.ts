import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { defaultCosts } from '../../src/study/cost-tables.ts';
import { PARAMETERS } from '../../src/study/parameter.ts';
import { readScenario } from '../../src/study/scenario-file.ts';
import { scenarioJsonSchema } from '../../src/study/scenario-schema.ts';
import { resolveStudy, studyContent } from '../../src/study/study.ts';
import { STATIC_THROTTLE, SYSTEMS } from '../../src/study/system.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

function study(text: string, options: Parameters<typeof resolveStudy>[0] = {}): ReturnType<typeof resolveStudy> {
  return resolveStudy(options, readScenario(text, 'test.yaml'));
}

test('the published schema is the current one (`npm run schema` writes it)', () => {
  expect(JSON.parse(readFileSync(`${root}/schema/scenario.schema.json`, 'utf8'))).toEqual(scenarioJsonSchema());
});

describe('the schema', () => {
  const schema = scenarioJsonSchema() as { properties: Record<string, Record<string, unknown>>; additionalProperties: unknown };

  test('describes every key and refuses others', () => {
    expect(schema.additionalProperties).toBe(false);
    expect(Object.entries(schema.properties).filter(([, { description }]) => typeof description !== 'string' || description === '')).toEqual([]);
  });

  test('gives units, ranges and defaults', () => {
    expect(schema.properties['load']).toMatchObject({ default: 900, description: expect.stringContaining('Mb/s') as string, anyOf: [{ type: 'number', minimum: 0.001, maximum: 1000 }, { type: 'string' }] });
    expect(schema.properties['pacing']).toMatchObject({ enum: ['fq', 'onoff', 'even'], default: 'fq' });
    expect(schema.properties['seed']).toMatchObject({ type: 'integer', minimum: 0, default: 1 });
  });

  test('knows every setting of --set and every cost', () => {
    const ids = defaultCosts().rows().map(({ id }) => id);
    expect(schema.properties['costs']).toMatchObject({ propertyNames: { enum: ids } });
    expect(schema.properties['set']).toMatchObject({ propertyNames: { enum: [...PARAMETERS.map(({ key }) => key), ...ids.map((id) => `cost.${id}`)] } });
  });
});

describe('a system of the user\'s own', () => {
  test('is put together from parts, with the paper\'s NIC settings and sockets where nothing else is said', () => {
    const { scenario } = study('system: mine\nsystems:\n  mine: { title: Mine, kernel: bare-metal, controller: msi, timer: hpet, nic: { throttle: 20000/s, radv: 8 } }\n');
    expect(scenario.system).toEqual({
      name: 'mine', title: 'Mine', kernel: 'bare-metal', controller: 'msi', timer: 'hpet', hpetDelivery: 'msi',
      nic: { ...STATIC_THROTTLE, itr: 195, rdtr: 48, radv: 8, tidv: 48, tadv: 48 }, socket: SYSTEMS[0]?.socket,
    });
  });

  test('the throttle comes first wherever it stands', () => {
    expect(study('system: mine\nsystems: { mine: { base: bmk, nic: { radv: 8, throttle: 0 } } }').scenario.system.nic).toMatchObject({ itr: 0, rdtr: 0, radv: 8 });
  });

  test('starts from a preset or from a system above it', () => {
    const { scenario } = study('system: b\nsystems:\n  a: { base: sel4-msi, nic: { throttle: 0 } }\n  b: { base: a, timer: pit }\n');
    expect(scenario.system).toMatchObject({ name: 'b', kernel: 'sel4', controller: 'msi', timer: 'pit', nic: { itr: 0 } });
    expect(() => study('system: a\nsystems:\n  a: { base: b }\n  b: { base: bmk }\n')).toThrow(/test\.yaml:3:8: systems\.a\.base: unknown system 'b'/);
  });

  test('takes the place of a preset of its name, for this file alone', () => {
    expect(study('system: bmk\nsystems: { bmk: { base: bmk, timer: hpet } }').scenario.system.timer).toBe('hpet');
    expect(SYSTEMS.find(({ name }) => name === 'bmk')?.timer).toBe('pit');
  });
});

describe('what decides', () => {
  test('the command line before the file before the defaults', () => {
    const text = 'system: bmk\nload: 360\npacing: even\nduration: 2\nset: { nic.throttle: 0 }\n';
    expect(study(text).scenario).toMatchObject({ system: { name: 'bmk' }, loadMbps: 360, pacing: 'even', duration: 2, warmup: 1, seed: 1, run: 0 });
    const options = { system: 'sel4-pic', load: 540, duration: 4, warmup: 3, seed: 7, set: ['nic.itr=9'] };
    expect(study(text, options).scenario).toMatchObject({ system: { name: 'sel4-pic', nic: { itr: 9, radv: 0 } }, loadMbps: 540, pacing: 'even', duration: 4, warmup: 3, seed: 7 });
  });

  test('numbers may carry units', () => {
    expect(study('system: bmk\nload: 0.54 Gb/s\nduration: 500ms\ncosts: { pit.out: 2us }').scenario).toMatchObject({ loadMbps: 540, duration: 0.5, warmup: 0.25 });
  });

  test('costs of the file, then its settings, then --set', () => {
    const text = 'system: bmk\ncosts: { pit.out: 1000, pit.in: 1000 }\nset: { cost.pit.out: 1100 }\n';
    const { costs } = study(text, { set: ['cost.pit.in=1200'] });
    expect([costs.value('pit.out'), costs.value('pit.in')]).toEqual([1100, 1200]);
  });
});

test('a study written out is a scenario file that gives the same study', () => {
  const first = study('system: x\nsystems: { x: { base: sel4-ioapic, hpetDelivery: ioapic, socket: { autosize: false } } }\nload: 180.5\nreps: 3\nrun: 4\ncosts: { cpi.kernel: 1.25 }\n');
  const again = study(JSON.stringify(studyContent(first)));
  expect(again.scenario).toEqual(first.scenario);
  expect(again.reps).toBe(3);
  expect(studyContent(again)).toEqual(studyContent(first));
});

describe('the examples', () => {
  const files = readdirSync(`${root}/examples`).filter((name) => /\.(ya?ml|json)$/.test(name));

  test('are at least two', () => {
    expect(files.length).toBeGreaterThanOrEqual(2);
  });

  test.each(files)('%s names the schema for editors and resolves', (name) => {
    const text = readFileSync(`${root}/examples/${name}`, 'utf8');
    expect(text).toContain('yaml-language-server: $schema=../schema/scenario.schema.json');
    expect(resolveStudy({}, readScenario(text, name)).scenario.duration).toBeGreaterThan(0);
  });
});
