import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SCRIPTS = fileURLToPath(new URL('box/', import.meta.url));
const FOLDER = fileURLToPath(new URL('../../.local/asterisk/', import.meta.url));
const MIRROR = process.env['MIRROR'] ?? 'http://deb.debian.org/debian';
const UP_MS = 900_000;
const PASSWORD = 'box-pass';

/** Where a real Asterisk is, and how to get in. */
export type RealBox = {
  folder: string;
  sshPort: number;
  sipPort: number;
  password: string;
  privateKey: string;
};

const run = promisify(execFile);

/** Why there can be no real Asterisk here; undefined when there can. */
export async function whyNoBox(folder = FOLDER): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'a chroot needs Linux';
  if (process.getuid?.() !== 0) return 'a chroot needs root';
  const isKept = ['root/.built', 'root.tar.zst', 'root.tar.gz'].some((file) =>
    existsSync(path.join(folder, file)),
  );
  if (isKept) return undefined;
  const hasTool = await run('sh', ['-c', 'command -v debootstrap']).then(
    () => true,
    () => false,
  );
  if (!hasTool) return 'debootstrap is not installed (apt-get install debootstrap)';
  const release = `${MIRROR}/dists/sid/Release`;
  const answer = await fetch(release, {
    method: 'HEAD',
    signal: AbortSignal.timeout(10_000),
  }).catch(() => undefined);
  return answer?.ok ? undefined : `Debian packages cannot be had: ${release} does not answer`;
}

/** Debian's packages are there; whatever fails from here on is ours. */
export function isBuilt(folder = FOLDER): boolean {
  return existsSync(path.join(folder, 'root/.built'));
}

/** Builds it when it is not there yet (about a minute), and starts it with its SIP phones and trunk. */
export async function startBox(
  variables: Record<string, string> = {},
  folder = FOLDER,
): Promise<RealBox> {
  mkdirSync(folder, { recursive: true });
  const base = await freePorts();
  await script('down.sh', [folder]);
  await up(folder, base, variables);
  return {
    folder,
    sshPort: base,
    sipPort: base + 1,
    password: PASSWORD,
    privateKey: readFileSync(path.join(folder, 'id_ed25519'), 'utf8'),
  };
}

async function up(folder: string, base: number, variables: Record<string, string>): Promise<void> {
  await script('up.sh', [folder], {
    SSH_PORT: String(base),
    SIP_PORT: String(base + 1),
    TRUNK_PORT: String(base + 2),
    PHONE_PORT_BASE: String(base + 10 - 150),
    SSH_PASSWORD: PASSWORD,
    ...variables,
  });
}

/** Starts again what has stopped, on the same ports. */
export async function startAgain({ folder, sshPort }: RealBox): Promise<void> {
  await up(folder, sshPort, {});
}

export async function stopBox({ folder }: Pick<RealBox, 'folder'>): Promise<void> {
  await script('down.sh', [folder]);
}

/** Asks Asterisk on its own console, beside everything that is tested. */
export async function cli({ folder }: RealBox, command: string): Promise<string> {
  const root = path.join(folder, 'root');
  const { stdout } = await run('chroot', [root, '/usr/sbin/asterisk', '-rx', command]);
  return stdout;
}

/** The same on its control socket, for watching: without the 10 ms of a process. */
export async function console({ folder }: RealBox, command: string): Promise<string> {
  const socket = net.connect(path.join(folder, 'root/run/asterisk/asterisk.ctl'));
  let text = '';
  for await (const part of socket.setEncoding('utf8')) {
    const isGreeting = text === '';
    text += String(part);
    if (isGreeting) socket.write(`cli quit after ${command}\0`);
  }
  return text;
}

/** A real SIP call from the trunk. `hangUp` ends it from the caller's side. */
export function callIn(
  { folder, sipPort }: RealBox,
  { from = '375291234567', did = '375173000000', talkMs = 20_000 } = {},
): { ended: Promise<void>; hangUp(): void } {
  const child = spawn(path.join(SCRIPTS, 'call-in.sh'), [folder, from, did, String(talkMs)], {
    stdio: 'ignore',
    env: { ...process.env, SIP_PORT: String(sipPort) },
  });
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
  });
  return { ended, hangUp: () => child.kill('SIGTERM') };
}

async function script(name: string, args: string[], variables: Record<string, string> = {}) {
  const env = { ...process.env, ...variables };
  await run(path.join(SCRIPTS, name), args, { env, timeout: UP_MS });
}

/** The first of many in a row that are most likely free. */
async function freePorts(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port > 55_000 ? port - 10_000 : port));
    });
  });
}
