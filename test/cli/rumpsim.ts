import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
export const LAUNCHER = fileURLToPath(new URL('../../bin/rumpsim.mjs', import.meta.url));

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run short enough for a test, long enough for every periodic thing to happen. */
export const SHORT = ['--duration', '0.5', '--warmup', '0.25'] as const;

export function start(...args: string[]): { child: ChildProcess; ended: Promise<Outcome> } {
  const child = spawn(process.execPath, [LAUNCHER, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<Outcome>((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
  return { child, ended };
}

/** The command line as a user starts it, from the root of the clone. */
export function rumpsim(...args: string[]): Promise<Outcome> {
  return start(...args).ended;
}

/** The JSON object that a command prints, which must succeed and say nothing else. */
export async function json(...args: string[]): Promise<Record<string, unknown>> {
  const { status, stdout, stderr } = await rumpsim(...args);
  if (status !== 0 || stderr !== '') throw new Error(`rumpsim ${args.join(' ')} ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as Record<string, unknown>;
}
