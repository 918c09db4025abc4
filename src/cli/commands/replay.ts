import { type Command, Option } from 'commander';
import type { ControllerKind } from '../../hw/interrupt-route.ts';
import { defaultCosts } from '../../study/cost-tables.ts';
import type { BillLine, Priced } from '../../study/price/bill.ts';
import type { TimerKind } from '../../study/price/controllers.ts';
import type { PricedTrace } from '../../study/price/priced-trace.ts';
import type { RecordedRun } from '../../study/price/read-recorded.ts';
import type { Substitution } from '../../study/price/substitute.ts';
import { STANDARD_STREAM } from '../../trace/standard-stream.ts';
import type { OpenedTrace } from '../open-trace.ts';
import { print, printJson } from '../output.ts';
import { provenance } from '../provenance.ts';
import { setOption } from '../scenario-options.ts';
import { grouped, table } from '../table.ts';
import { tellWarnings } from './trace-input.ts';
import { hashFile } from './trace-options.ts';

interface ReplayOptions extends Substitution {
  readonly set?: readonly string[];
  readonly json?: true;
}

const HELP = `
What would a recorded run have cost on the paper's machine (\`rumpsim costs\`), by operation and in all, and what
with another interrupt controller or timer? The answer is open loop: interrupts, calls and accesses are as many as
were recorded. To drive a system with recorded frames, so that it reacts: rumpsim run SYSTEM --replay FILE.

Examples:
  rumpsim replay kernel.arrow                          a recorded kernel, on the paper's machine
  rumpsim replay kernel.arrow hardware.arrow           with the NIC and HPET accesses of user code
  rumpsim replay kernel.arrow --controller msi         the same with messages instead of its controller
  rumpsim replay hardware.arrow --timer pit            register accesses only, timer programmed through ports
  rumpsim replay kernel.arrow --set cost.cpi.kernel=1  on a machine with another cost`;

export function register(program: Command): void {
  program.command('replay')
    .summary('price a recorded kernel or hardware trace on the paper\'s machine, or on one that you change')
    .description('Prices a recorded kernel or hardware trace on the paper\'s machine, or on one that you change.')
    .argument('<trace...>', 'kernel trace, hardware trace, or one of each of the same run')
    .addOption(new Option('--controller <kind>', 'as if the NIC had interrupted through this controller').choices(['pic', 'ioapic', 'msi'] satisfies ControllerKind[]))
    .addOption(new Option('--timer <kind>', 'as if this timer had been programmed').choices(['pit', 'hpet'] satisfies TimerKind[]))
    .addOption(setOption('cost.ID only; `rumpsim costs` lists them'))
    .option('--json', 'print the result as one JSON object')
    .addHelpText('after', HELP)
    .action(replay);
}

async function replay(files: readonly string[], options: ReplayOptions): Promise<void> {
  const [{ readRecorded }, { priceRecorded }, { substitute }, { openTrace }, { overrideCosts }] = await Promise.all([
    import('../../study/price/read-recorded.ts'), import('../../study/price/priced-trace.ts'), import('../../study/price/substitute.ts'),
    import('../open-trace.ts'), import('../../study/override.ts'),
  ]);
  const costs = overrideCosts(defaultCosts(), options.set ?? [], '--set');
  const sources: OpenedTrace[] = [];
  for (const file of files) sources.push(await openTrace(file, { once: true }));
  const recorded = readRecorded(sources.map(({ source }) => source));
  for (const { source } of sources) {
    tellWarnings(source);
    source.close();
  }
  const priced = priceRecorded(recorded, costs);
  const changed = substitute(recorded, options, costs);
  const other = changed === recorded ? null : priceRecorded(changed, costs);
  if (options.json === true) {
    const traceHashes = Object.fromEntries(files.filter((file) => file !== STANDARD_STREAM).map((file) => [file, hashFile(file)]));
    printJson({
      traces: files, seconds: recorded.seconds, loop: 'open', controller: recorded.controller, timer: recorded.timer, ...priced,
      substituted: other === null ? null : { controller: changed.controller, timer: changed.timer, ...other }, manifest: provenance({ scenario: { replay: files, ...options }, costs, seeds: null, traceHashes }),
    });
    return;
  }
  print(text(recorded, priced, changed, other));
}

function text(recorded: RecordedRun, priced: PricedTrace, changed: RecordedRun, other: PricedTrace | null): string {
  const head = `${recorded.seconds.toFixed(3)} s recorded; interrupts by ${recorded.controller ?? 'an unknown controller'}, timer ${recorded.timer ?? 'unknown'}`;
  const parts = [head, lines(priced, recorded.seconds)];
  if (other !== null) parts.push(`With ${changed.controller ?? '?'} and ${changed.timer ?? '?'} instead:`, lines(other, recorded.seconds), change(priced, other));
  const notes = (other ?? priced).notes;
  return [...parts, ['Open loop: as many interrupts, calls and accesses as were recorded, whatever they cost here.', ...notes].map((note) => `- ${note}`).join('\n')].join('\n\n');
}

function lines({ lines: all, total, share }: PricedTrace, seconds: number): string {
  const row = ({ account, count, instructions, value, low, high }: BillLine): string[] => [
    account, grouped(Math.round(count)), seconds > 0 ? (count / seconds).toFixed(1) : '-', grouped(Math.round(instructions)),
    value.toFixed(3), `${low.toFixed(3)}..${high.toFixed(3)}`, seconds > 0 ? `${(value / seconds / 10).toFixed(3)} %` : '-',
  ];
  return table([
    ['account', 'entries', 'per second', 'instructions', 'ms', 'range, ms', 'of CPU time'],
    ...all.map(row),
    ['all', '', '', '', total.value.toFixed(3), `${total.low.toFixed(3)}..${total.high.toFixed(3)}`, range(share)],
  ], 'lrrrrrr');
}

function range({ value, low, high }: Priced): string {
  return `${(value * 100).toFixed(2)} % (${(low * 100).toFixed(1)}..${(high * 100).toFixed(1)})`;
}

function change(before: PricedTrace, after: PricedTrace): string {
  const points = (after.share.value - before.share.value) * 100;
  return `Difference: ${(after.total.value - before.total.value).toFixed(3)} ms, ${points >= 0 ? '+' : ''}${points.toFixed(3)} points of CPU time.`;
}
