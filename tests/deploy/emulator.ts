import { type ChildProcess, execFile, spawn } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FOLDER = path.resolve('.local/moto');
const PORT = 5555 + Number(process.env['PORT_OFFSET'] ?? 0);
const START_MS = 30_000;

export type Emulator = { url: string; stop: () => void };

/** Moto in a Debian of its own. Returns why there can be none here instead. */
export async function startEmulator(): Promise<Emulator | string> {
  if (process.getuid?.() !== 0) return 'only root may chroot';
  const hasTool = await run('sh', ['-c', 'command -v debootstrap']).then(
    () => true,
    () => false,
  );
  if (!hasTool) return 'debootstrap is not installed (apt-get install debootstrap)';
  try {
    await run('sh', ['tests/deploy/emulator-up.sh', FOLDER], { maxBuffer: 64 * 1024 * 1024 });
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    return `the emulator cannot be installed: ${stderr.trim().split('\n').at(-1) ?? ''}`;
  }
  const server = spawn('chroot', [FOLDER, 'moto_server', '-p', `${PORT}`, '-H', '127.0.0.1'], {
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${PORT}`;
  await untilItAnswers(url, server);
  return { url, stop: () => void server.kill() };
}

async function untilItAnswers(url: string, server: ChildProcess): Promise<void> {
  const until = Date.now() + START_MS;
  while (Date.now() < until) {
    if (server.exitCode !== null) throw new Error(`moto_server ended with ${server.exitCode}`);
    const answers = await fetch(`${url}/moto-api/`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answers) return;
    await sleep(200);
  }
  server.kill();
  throw new Error(`moto_server does not answer at ${url}`);
}
