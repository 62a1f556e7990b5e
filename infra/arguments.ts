import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';

import { reason } from './local/plain-error.ts';

const HELP = { help: { type: 'boolean', short: 'h', default: false } } as const;
type Parsed<Options extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ options: Options & typeof HELP; allowPositionals: true }>
>;

/**
 * What an operator's command was given; or the code to end with: 0 after --help, 2 when there is more, or something
 * else, than it knows.
 */
export function readArguments<Options extends ParseArgsOptionsConfig>(
  help: string,
  { options, most = 0 }: { options: Options; most?: number },
): Parsed<Options> | number {
  try {
    const parsed = parseArgs({ options: { ...options, ...HELP }, allowPositionals: true });
    if ('help' in parsed.values && parsed.values.help) {
      console.log(help);
      return 0;
    }
    if (parsed.positionals.length <= most) return parsed;
    console.error(`${parsed.positionals[most]} is too much. --help says more.`);
  } catch (error) {
    console.error(`${reason(error)} --help says more.`);
  }
  return 2;
}

/** Runs a command and ends with its code; a failure is told in words, without a stack. */
export async function runCommand(command: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    console.error(`❌ ${reason(error)}`);
    process.exitCode = 1;
  }
}
