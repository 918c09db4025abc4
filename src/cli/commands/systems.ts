import type { Command } from 'commander';
import { defaultCosts } from '../../study/cost-tables.ts';
import { type InterruptCost, interruptCost, type PathUse } from '../../study/interrupt-cost.ts';
import { overrideAll } from '../../study/override.ts';
import { DELAY_NS, ITR_NS } from '../../study/parameter.ts';
import { findSystem, knownSystems } from '../../study/study.ts';
import type { System } from '../../study/system.ts';
import { print, printJson } from '../output.ts';
import { provenance } from '../provenance.ts';
import { addSettingsHelp, configOption, loadScenario, setOption } from '../scenario-options.ts';
import { table } from '../table.ts';

interface SystemsOptions {
  readonly set?: readonly string[];
  readonly config?: string;
  readonly json?: true;
}

const EXAMPLES = `
Examples:
  rumpsim systems                                        the presets, one line each
  rumpsim systems sel4-pic                               one of them in full, with the paths of one NIC interrupt
  rumpsim systems sel4-pic --set controller=ioapic       the same with another part
  rumpsim systems bare-metal-msi --config examples/bare-metal-msi.yaml`;

/** `rumpsim systems`: what compositions are made of. */
export function register(program: Command): void {
  const command = program
    .command('systems')
    .summary('what each system is made of')
    .description('Lists the systems; with a name, shows what that one is made of: parts, NIC registers, sockets, and what one NIC interrupt executes from idle to idle.')
    .argument('[system]', 'a preset or a system of the scenario file')
    .addOption(setOption())
    .addOption(configOption())
    .option('--json', 'print one JSON object with everything')
    .action(systems);
  addSettingsHelp(command).addHelpText('after', EXAMPLES);
}

async function systems(name: string | undefined, options: SystemsOptions): Promise<void> {
  const file = options.config === undefined ? null : await loadScenario(options.config);
  const known = knownSystems(file);
  const chosen = name === undefined ? known : [findSystem(known, name, '')];
  const shown = chosen.map((system) => overrideAll({ system, costs: defaultCosts() }, options.set ?? [], '--set'));
  if (options.json === true) {
    const costs = shown[0]?.costs ?? defaultCosts();
    printJson({ systems: shown.map(({ system, costs }) => ({ ...system, nicTimes: nicTimes(system), interrupt: interruptCost(system, costs) })), manifest: provenance({ scenario: null, costs, seeds: null }) });
  } else if (name === undefined) {
    print(`${overview(shown.map(({ system }) => system))}\n\nIn full: rumpsim systems NAME`);
  } else {
    print(shown.map(({ system, costs }) => details(system, interruptCost(system, costs))).join('\n\n'));
  }
}

function overview(all: readonly System[]): string {
  const rows = all.map((system) => {
    const { name, title, kernel, controller, timer, nic, linux } = system;
    return [name, kernel, controller, isNative(system) ? '-' : timer, linux === undefined ? perSecond(nic.itr * ITR_NS) : String(linux.throttle), title];
  });
  return table([['system', 'kernel', 'controller', 'timer', 'throttle', 'title'], ...rows], 'llllrl');
}

/** The rate that an interval in ns allows. */
function perSecond(nanoseconds: number): string {
  return nanoseconds === 0 ? 'off' : `${Math.round(1e9 / nanoseconds)}/s`;
}

/** The NIC's timers in microseconds. */
function nicTimes({ nic }: System): Record<string, number> {
  const us = (count: number, unit: number): number => (count * unit) / 1e3;
  return { itrUs: us(nic.itr, ITR_NS), rdtrUs: us(nic.rdtr, DELAY_NS), radvUs: us(nic.radv, DELAY_NS), tidvUs: us(nic.tidv, DELAY_NS), tadvUs: us(nic.tadv, DELAY_NS) };
}

function details(system: System, interrupt: InterruptCost | null): string {
  const { name, title, kernel, platform, controller, timer, hpetDelivery, nic, socket } = system;
  const register = (label: string, count: number, unit: number): string[] => [label, String(count), `x ${unit} ns`, count === 0 ? 'off' : `${((count * unit) / 1e3).toFixed(1)} us${label === 'ITR' ? `, ${perSecond(count * unit)}` : ''}`];
  const parts = [
    ['kernel', kernel],
    ...(platform === undefined ? [] : [['platform layer', platform]]),
    ['interrupt controller', controller],
    ...(isNative(system) ? [] : [['timer', timer === 'hpet' ? `hpet, delivered by ${hpetDelivery}` : timer]]),
    ...(system.linux === undefined ? [] : [['linux', `interrupt throttle ${system.linux.throttle}, sleep state ${system.linux.sleep}`]]),
    ['socket', `${socket.bufferBytes} bytes${socket.autosize ? ', grows by itself' : ''}; window scale ${socket.windowScale}; read in blocks of ${socket.blockBytes} bytes`],
    ['NIC', `82574L, ${nic.rxDescriptors} receive descriptors, ${nic.rxBufferBytes} bytes of packet buffer for receiving`],
  ];
  const registers = [
    register('ITR', nic.itr, ITR_NS), register('RDTR', nic.rdtr, DELAY_NS), register('RADV', nic.radv, DELAY_NS),
    register('TIDV', nic.tidv, DELAY_NS), register('TADV', nic.tadv, DELAY_NS),
  ];
  return `${name}: ${title}\n${table(parts, 'll', '  ')}\n${table(registers, 'lrll', '    ')}\n\n${interruptText(interrupt, isNative(system))}`;
}

function interruptText(interrupt: InterruptCost | null, native: boolean): string {
  if (interrupt === null) return 'This system never takes a NIC interrupt with one frame by itself.';
  const { paths, counters, cycles, nanoseconds } = interrupt;
  const own = paths.filter((use) => native || isPrivileged(use));
  const others = paths.filter((use) => !own.includes(use));
  const rows = own.map(({ context, path, times, instructions, cycles }) => [context, path, String(times), instructions === 0 ? '-' : String(instructions), cycles.toFixed(0)]);
  for (const context of new Set(others.map((use) => use.context))) {
    const uses = others.filter((use) => use.context === context);
    const instructions = sum(uses, (use) => use.instructions);
    const name = uses.length === 1 ? (uses[0]?.path ?? '') : `${uses.length} paths`;
    rows.push([context, name, '', instructions === 0 ? '-' : String(instructions), sum(uses, (use) => use.cycles).toFixed(0)]);
  }
  rows.push(['all', '', '', String(sum(paths, (use) => use.instructions)), cycles.toFixed(0)]);
  const operations = Object.entries(counters).filter(([name]) => /^(kernel|port|mmio|timer)\./.test(name)).map(([name, count]) => `${name} ${count}`);
  return `One NIC interrupt with one frame, from idle to idle (${(nanoseconds / 1e3).toFixed(1)} us; every path: --json)
${table([['context', 'path', 'times', 'instructions', 'cycles'], ...rows], 'llrrr', '  ')}
  ${operations.join(', ')}`;
}

/** Whether the server runs on the kernel itself: then every path is the kernel's or the server's, and all are listed. */
function isNative({ kernel }: System): boolean {
  return kernel === 'netbsd' || kernel === 'linux';
}

/** What the kernel, or the platform in its place, does: listed path by path. */
function isPrivileged({ context, path }: PathUse): boolean {
  return /^(kernel|bmk):/.test(context) || /^(port|mmio)\//.test(path);
}

function sum(uses: readonly PathUse[], read: (use: PathUse) => number): number {
  return uses.reduce((total, use) => total + read(use), 0);
}
