import { LINUX_FIXED } from '../grid.ts';
import { over, paired, type Point } from '../points.ts';
import { sampleDeviation } from '../statistics.ts';
import { type ClaimDefinition, compare, every, type Inequality, type PartDefinition, type Scene, some } from './claim.ts';
import { INSTRUMENT_READING } from './reading.ts';

/** The share of CPU time by which one seL4 variant's reduction may be called slight, and the ratio up to which an impact is little: readings of the text. */
const SLIGHT = 0.25;
const LITTLE = 1.25;
/** Of the offered rate that counts as carried: a window cuts a burst at each end, one of 100 periods of 100 ms in the paper's 10 s. */
const CARRIED = 0.99;

/** u(a) - u(b) over the replications that both have. */
function difference(scene: Scene, a: string, b: string, relation: '<' | '<='): Inequality {
  const { utilisation } = scene.reading;
  return compare(`u(${a}) - u(${b})`, paired(scene.point(a), scene.point(b), (x, y) => utilisation(x) - utilisation(y)), relation, 0);
}

/** u(a) < u(b) at every load. */
function below(a: string, b: string): PartDefinition {
  return { text: `u(${a}) < u(${b})`, systems: [a, b], at: 'each load', needed: every, checks: (scene) => [difference(scene, a, b, '<')] };
}

/** How much less than with the PIC, as a part of what the PIC takes. */
function slightReduction(system: string): PartDefinition {
  return {
    text: `0 < u(sel4-pic) - u(${system}) < ${SLIGHT} u(sel4-pic)`,
    systems: ['sel4-pic', system],
    at: 'each load',
    needed: every,
    checks: ({ point, reading: { utilisation } }) => {
      const reduction = paired(point('sel4-pic'), point(system), (pic, other) => 1 - utilisation(other) / utilisation(pic));
      const what = `1 - u(${system})/u(sel4-pic)`;
      return [compare(what, reduction, '>', 0), compare(what, reduction, '<', SLIGHT)];
    },
  };
}

function littleImpact(system: string): PartDefinition {
  return {
    text: `u(${system})/u(bmk) < ${LITTLE}`,
    systems: [system, 'bmk'],
    at: 'each load',
    needed: every,
    checks: ({ point, reading: { utilisation } }) => [compare(`u(${system})/u(bmk)`, paired(point(system), point('bmk'), (a, b) => utilisation(a) / utilisation(b)), '<', LITTLE)],
  };
}

/** Spread over the replications as the system's own instrument shows it, which is what an error bar of the figure is. */
function spread(point: Point): number {
  return point.runs.length < 2 ? 0 : sampleDeviation(point.runs.map((run) => INSTRUMENT_READING.utilisation(run)));
}

function spreadAgainstOthers(scene: Scene, system: string, relation: '>' | '<='): Inequality[] {
  const others = ['sel4-pic', 'sel4-ioapic', 'sel4-msi', 'bmk', 'netbsd'];
  return [{ what: `sd(${system}) less the largest other sd`, value: spread(scene.point(system)) - Math.max(...others.map((other) => spread(scene.point(other)))), interval: null, relation, bound: 0 }];
}

const SEL4 = ['sel4-pic', 'sel4-ioapic', 'sel4-msi'] as const;
const RUMPRUN = [...SEL4, 'bmk'] as const;

/** The paper's sentences on its figure 4. */
export const FIG4_CLAIMS: readonly ClaimDefinition[] = [
  {
    id: 'F4.1', source: 'paper 5.2', kind: 'predicted', unit: 'points',
    text: 'BMK uses less CPU than NetBSD and than seL4: u(bmk) < u(netbsd), u(bmk) < u(sel4-pic)',
    parts: () => [below('bmk', 'sel4-pic'), below('bmk', 'netbsd')],
  },
  {
    id: 'F4.2', source: 'paper 5.2, Fig 4', kind: 'predicted', unit: 'points',
    text: 'Linux uses least: u(linux) < every other u',
    parts: () => [...RUMPRUN, 'netbsd'].map((other) => below('linux', other)),
  },
  {
    id: 'F4.3', source: 'paper 5.2', kind: 'predicted', unit: 'points',
    text: 'Linux points vary most because its throttle rate switches: sd(linux) is the largest at 3 of 5 loads or more, and with a fixed throttle it is not',
    parts: () => [
      {
        text: 'sd(linux) is the largest of the six at 3 of 5 loads or more', systems: [...RUMPRUN, 'netbsd', 'linux'], at: 'each load',
        needed: (loads) => Math.ceil(0.6 * loads), checks: (scene) => spreadAgainstOthers(scene, 'linux', '>'),
      },
      {
        text: 'with the adaptive throttle replaced by a fixed one it is not', systems: [...RUMPRUN, 'netbsd', LINUX_FIXED], at: 'each load',
        needed: (loads) => loads - Math.ceil(0.6 * loads) + 1, checks: (scene) => spreadAgainstOthers(scene, LINUX_FIXED, '<='),
      },
    ],
  },
  {
    id: 'F4.4', source: 'paper 5.2', kind: 'predicted', unit: 'ratio',
    text: `The seL4 variants without the PIC use slightly less: 0 < u(sel4-pic) - u(x) < ${SLIGHT} u(sel4-pic) for sel4-ioapic and sel4-msi`,
    parts: () => [slightReduction('sel4-ioapic'), slightReduction('sel4-msi')],
  },
  {
    id: 'F4.5', source: 'paper 6', kind: 'predicted', unit: 'points',
    text: 'Overall better than native NetBSD: u(sel4-*) < u(netbsd)',
    parts: () => SEL4.map((system) => below(system, 'netbsd')),
  },
  {
    id: 'F4.6', source: 'paper 6', kind: 'predicted', unit: 'ratio',
    text: `Little impact against bare metal: u(sel4-pic)/u(bmk) and u(sel4-msi)/u(bmk) < ${LITTLE}`,
    parts: () => [littleImpact('sel4-pic'), littleImpact('sel4-msi')],
  },
  {
    id: 'F4.7', source: 'paper 6', kind: 'predicted', unit: 'points',
    text: 'Improved performance where seL4 used more efficient hardware mechanisms, both readings: u(sel4-msi) < u(sel4-pic), and u(sel4-msi) <= u(bmk) at some load',
    note: 'Both run the same driver, stack and application; on seL4 come the look-ups of physical addresses, an idle entry\'s HPET reads and a few kernel entries an interrupt, on bare metal four port writes an interrupt, so the sign rests on what those cost.',
    parts: () => [
      below('sel4-msi', 'sel4-pic'),
      { text: 'u(sel4-msi) <= u(bmk) at some load', systems: ['sel4-msi', 'bmk'], at: 'each load', needed: some, checks: (scene) => [difference(scene, 'sel4-msi', 'bmk', '<=')] },
    ],
  },
  {
    id: 'F4.8', source: 'paper 5.1', kind: 'predicted', unit: 'ratio',
    text: `The network is full before the CPU: every system there is carries the highest load (${CARRIED} of it, as TCP payload) with u < 100 %`,
    parts: (present) => present.map((system): PartDefinition => ({
      text: `${system} carries the highest load with u < 100 %`, systems: [system], at: 'highest load', needed: every,
      checks: ({ point, loadMbps, reading }) => [
        compare(`throughput(${system})/offered`, over(point(system), (run) => run.throughputMbps / loadMbps), '>=', CARRIED),
        compare(`u(${system})`, over(point(system), (run) => reading.utilisation(run)), '<', 1),
      ],
    })),
  },
  {
    id: 'F4.9', source: 'Fig 4, general', kind: 'predicted', unit: 'points',
    text: 'Utilisation rises with load, for every system there is, within one sd',
    parts: (present) => present.map((system): PartDefinition => ({
      text: `u(${system}) rises with load`, systems: [system], at: 'each load', needed: every,
      checks: ({ point, lowerMbps, reading }) => {
        if (lowerMbps === null) return [];
        const here = over(point(system), (run) => reading.utilisation(run));
        const lower = over(point(system, lowerMbps), (run) => reading.utilisation(run));
        return [{ what: `u(${system}) less that at ${lowerMbps} Mb/s`, value: here.mean - lower.mean, interval: null, relation: '>=', bound: -Math.max(here.sd ?? 0, lower.sd ?? 0) }];
      },
    })),
  },
];
