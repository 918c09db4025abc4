import { Command } from 'commander';
import { report } from './failure.ts';
import { quietWhenReaderLeaves } from './output.ts';
import { packageVersion } from './package.ts';

const EXAMPLES = `
Examples:
  rumpsim run sel4-msi                              20 simulated seconds at 900 Mb/s, as a table
  rumpsim run bmk --load 540 --pacing onoff --json  the same as one JSON object
  rumpsim run sel4-pic --set nic.throttle=20000/s   another interrupt throttle
  rumpsim run --config examples/bare-metal-msi.yaml a scenario file, with a system of your own
  rumpsim trace info capture.pcap                   what a trace or a capture holds
  rumpsim diff sel4-pic sel4-msi                    where two systems part
  rumpsim validate traces/sel4-rumprun-0be59c6      the model against recordings of the real system
  rumpsim costs hpet                                where the numbers come from
  rumpsim reproduce --out out --jobs 2              the paper's figures, claims and report

Exit status: 0 done, 1 a mistake in the program, 2 a mistake in what was given, 130 interrupted.`;

/** The commands by name, each in a file of its own that is read only when it is needed. Order is that of the help. */
async function register(program: Command, wanted: string | undefined): Promise<void> {
  const modules: Readonly<Record<string, () => Promise<void>>> = {
    run: async () => (await import('./commands/run.ts')).register(program),
    reproduce: async () => (await import('./commands/reproduce.ts')).registerReproduce(program),
    claims: async () => (await import('./commands/claims.ts')).registerClaims(program),
    sensitivity: async () => (await import('./commands/sensitivity.ts')).register(program),
    warmup: async () => (await import('./commands/warmup.ts')).register(program),
    validate: async () => (await import('./commands/validate.ts')).register(program),
    trace: async () => (await import('./commands/trace.ts')).register(program),
    replay: async () => (await import('./commands/replay.ts')).register(program),
    diff: async () => (await import('./commands/diff.ts')).register(program),
    systems: async () => (await import('./commands/systems.ts')).register(program),
    costs: async () => (await import('./commands/costs.ts')).register(program),
    schema: async () => (await import('./commands/schema.ts')).register(program),
  };
  const only = wanted === undefined ? undefined : modules[wanted];
  if (only !== undefined) await only();
  else for (const load of Object.values(modules)) await load();
}

function createProgram(): Command {
  return new Command('rumpsim')
    .description('Simulates where the CPU time of a network server goes: Rumprun unikernels on seL4 and on bare metal,\nfrom a frame on the wire to read() and back.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .showSuggestionAfterError()
    .configureHelp({ helpWidth: Math.min(process.stdout.columns || 100, 120) })
    .configureOutput({
      // One line, like every other message about a mistake.
      outputError: (text, write) => write(`rumpsim: ${text.replace(/^error: /, '').trim().replaceAll(/\s*\n\s*/g, ' ')}\n`),
    })
    .exitOverride()
    .addHelpText('after', EXAMPLES);
}

async function main(argv: readonly string[]): Promise<number> {
  quietWhenReaderLeaves();
  try {
    const program = createProgram();
    await register(program, argv[2]);
    await program.parseAsync([...argv]);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return report(error);
  }
}

process.exitCode = await main(process.argv);
