import { Argument, type Command } from 'commander';
import { print, writeWhole } from '../output.ts';

const HELP = `
The clone has them as schema/scenario.schema.json and schema/trace-metadata.schema.json. An editor with a YAML language server completes and checks a scenario
file that begins with
  # yaml-language-server: $schema=../schema/scenario.schema.json

Examples:
  rumpsim schema                            print that of scenario files
  rumpsim schema --out scenario.schema.json write it to a file
  rumpsim schema trace                      that of a trace's metadata`;

/** `rumpsim schema`: the JSON Schemas that are published. */
export function register(program: Command): void {
  program
    .command('schema')
    .summary('the JSON Schemas of scenario files and of trace metadata')
    .description('Prints the JSON Schema (draft 2020-12) of scenario files, every key with its meaning, unit, range and default, or that of the metadata of a trace.')
    .addArgument(new Argument('[what]', 'whose schema').choices(['scenario', 'trace']).default('scenario'))
    .option('--out <file>', 'write it to a file instead')
    .addHelpText('after', HELP)
    .action(schema);
}

async function schema(what: string, options: { readonly out?: string }): Promise<void> {
  const content = what === 'trace'
    ? (await import('../../trace/metadata.ts')).metadataJsonSchema()
    : (await import('../../study/scenario-schema.ts')).scenarioJsonSchema();
  const text = `${JSON.stringify(content, null, 2)}\n`;
  if (options.out === undefined) print(text);
  else writeWhole(options.out, text);
}
