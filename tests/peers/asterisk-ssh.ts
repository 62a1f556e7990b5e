/** The sshd in front of a simulated Asterisk: its control socket, its shell with one program, its bad days. */
import net from 'node:net';

import ssh2, { type Connection, type ParsedKey, type ServerChannel, type Session } from 'ssh2';

import type { AsteriskBox } from './asterisk-box.ts';
import { answerCli, VERSION } from './asterisk-cli.ts';

export const MODES = [
  'ok',
  /** Asterisk was stopped with SIGSTOP: the socket opens and nobody greets. */
  'hang',
  'stopped',
  'booting',
  'refuse_auth',
  /** The connection is cut when a command has been written, before the answer; the command is carried out. */
  'drop',
  /** Streamlocal forwarding is forbidden, or the queue of the socket is full for ever. */
  'no_sockets',
  /** TCP is accepted and nobody speaks SSH. */
  'silent',
  /** sshd has too many strangers at its door. */
  'cut_before_handshake',
  /** 128 consoles are open. */
  'full',
  /** Takes originates and makes no call. */
  'deaf',
] as const;
export type SshMode = (typeof MODES)[number];

export type Asked = { via: 'socket' | 'process' | 'shell'; command: string; answer: string };
export type SshOptions = {
  boxes: () => { box: AsteriskBox; user: string; password: string; mode: SshMode }[];
  hostKey: string;
  note: (box: AsteriskBox, asked: Asked) => void;
  /** Serves a session's SFTP subsystem. */
  sftp?: (accept: () => unknown, box: AsteriskBox) => void;
};

const CONTROL_SOCKET = '/var/run/asterisk/asterisk.ctl';
const MAX_SESSIONS = 10;
const BACKLOG = 2;
const INPUT_BYTES = 511;
const PREFIX = 'cli quit after ';

/** About one in a hundred keys that ssh2 makes it cannot read itself. */
export function newKeyPair(): { private: string; public: string } {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519');
    const isGood = (text: string): boolean => !(ssh2.utils.parseKey(text) instanceof Error);
    if (isGood(pair.private) && isGood(pair.public)) return pair;
  }
}

export const newHostKey = (): string => newKeyPair().private;

export function createAsteriskSsh(options: SshOptions) {
  let server = newServer(options.hostKey);
  const open = new Set<net.Socket>();
  const keys: { user: string; key: ParsedKey; box: AsteriskBox }[] = [];
  let connections = 0;
  const listener = net.createServer((socket) => {
    connections += 1;
    open.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => open.delete(socket)).on('error', () => {});
    const modes = new Set(options.boxes().map(({ mode }) => mode));
    if (modes.has('silent')) return;
    if (modes.has('cut_before_handshake')) socket.destroy();
    else server.injectSocket(socket);
  });

  function newServer(hostKey: string) {
    return new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
      client.on('error', () => {});
      authenticate(client);
    });
  }

  function authenticate(client: Connection) {
    let found: ReturnType<SshOptions['boxes']>[number] | undefined;
    client.on('authentication', (context) => {
      if (context.method === 'publickey') {
        const { username, key, blob, signature, hashAlgo } = context;
        const known = keys.find(
          (each) => each.user === username && each.key.getPublicSSH().equals(key.data),
        );
        const isSigned =
          !signature || (blob && known?.key.verify(blob, signature, hashAlgo) === true);
        if (!known || !isSigned) return context.reject(['publickey', 'password']);
        found = options.boxes().find(({ box }) => box === known.box);
        return context.accept();
      }
      if (context.method !== 'password') return context.reject(['publickey', 'password']);
      found = options
        .boxes()
        .find(
          ({ user, password, mode }) =>
            mode !== 'refuse_auth' && context.username === user && context.password === password,
        );
      if (found) context.accept();
      else context.reject(['publickey', 'password']);
    });
    client.on('ready', () => {
      if (found) serve(client, found.box);
    });
  }

  const modeOf = (box: AsteriskBox) =>
    options.boxes().find((entry) => entry.box === box)?.mode ?? 'ok';

  function serve(client: Connection, box: AsteriskBox) {
    let sessions = 0;
    let knocking = 0;
    client.on('session', (accept, reject) => {
      if (sessions >= MAX_SESSIONS) return reject();
      sessions += 1;
      const session = accept();
      session.on('close', () => {
        sessions -= 1;
      });
      serveSession(session, box, client);
    });
    client.on('openssh.streamlocal', (accept, reject, { socketPath }) => {
      const mode = modeOf(box);
      if (socketPath !== CONTROL_SOCKET || mode === 'stopped' || mode === 'no_sockets')
        return reject();
      // Asterisk takes them one by one; sshd does not wait for it.
      if (knocking > BACKLOG) return reject();
      knocking += 1;
      setImmediate(() => {
        knocking -= 1;
        serveConsole(accept(), box, client);
      });
    });
  }

  function serveConsole(channel: ServerChannel, box: AsteriskBox, client: Connection) {
    const mode = modeOf(box);
    channel.on('error', () => {});
    if (mode === 'hang') return;
    if (mode === 'full') return void channel.end('No more connections allowed\n');
    channel.write(`vm/${process.pid}/${VERSION}\n`);
    channel.on('data', (part: Buffer) => {
      const text = part.toString('utf8', 0, INPUT_BYTES);
      if (!text.startsWith(PREFIX)) return;
      // What does not fit into one read is not carried out at all.
      if (part.length > INPUT_BYTES || !text.endsWith('\0')) return void channel.end();
      const commands = text.slice(PREFIX.length, -1).split('\0');
      const printed = commands.map((command) => ask(box, command, 'socket')).join('');
      if (mode === 'drop') client.end();
      else channel.end(printed);
    });
  }

  function ask(box: AsteriskBox, command: string, via: Asked['via']): string {
    const mode = modeOf(box);
    const answer = answerCli(box, command, { booting: mode === 'booting', deaf: mode === 'deaf' });
    options.note(box, { via, command, answer });
    return answer;
  }

  function serveSession(session: Session, box: AsteriskBox, client: Connection) {
    session.on('exec', (accept, _reject, { command }) => {
      const channel = accept();
      channel.on('error', () => {});
      void shell(box, command, client).then(({ code, out, problem }) => {
        if (out) channel.write(out);
        if (problem) channel.stderr.write(problem);
        channel.exit(code);
        channel.end();
      });
    });
    session.on('sftp', (accept, reject) => {
      if (options.sftp) options.sftp(accept, box);
      else reject();
    });
  }

  type Ran = { code: number; out: string; problem: string };
  /** `a && b` of `[timeout -s KILL n] asterisk -rx '…'` and `date +%s.%N`; there is nothing else on this box. */
  async function shell(box: AsteriskBox, line: string, client: Connection): Promise<Ran> {
    let out = '';
    for (const part of line.split(' && ')) {
      const run = /^(?:timeout -s KILL (\d+) )?asterisk -rx '([^']*)'$/.exec(part);
      if (part === 'date +%s.%N') {
        options.note(box, { via: 'shell', command: part, answer: '' });
        out += `${(Date.now() / 1000).toFixed(9)}\n`;
        continue;
      }
      if (!run) {
        options.note(box, { via: 'shell', command: part, answer: 'command not found' });
        const name = part.split(' ')[0] ?? '';
        return { code: 127, out, problem: `bash: line 1: ${name}: command not found\n` };
      }
      const [, seconds, command = ''] = run;
      const mode = modeOf(box);
      if (mode === 'stopped')
        return {
          code: 1,
          out,
          problem:
            'Unable to connect to remote asterisk (does /var/run/asterisk/asterisk.ctl exist?)\n',
        };
      if (mode === 'hang') {
        await new Promise((resolve) => setTimeout(resolve, Number(seconds ?? 3_600) * 1_000));
        return { code: 137, out, problem: 'Killed\n' };
      }
      out += ask(box, command, 'process');
      if (mode === 'drop') client.end();
    }
    return { code: 0, out, problem: '' };
  }

  return {
    async listen(port: number, host: string): Promise<number> {
      await new Promise<void>((resolve, reject) => {
        listener.once('error', reject);
        listener.listen(port, host, resolve);
      });
      const address = listener.address();
      return typeof address === 'object' && address ? address.port : port;
    },
    /** How many connections there were. */
    connections: () => connections,
    /** As when the box was installed anew. */
    changeHostKey(key = newHostKey()) {
      server = newServer(key);
    },
    /** Adds a line to authorized_keys. */
    authorize(user: string, publicKey: string, box: AsteriskBox) {
      const key = ssh2.utils.parseKey(publicKey);
      if (key instanceof Error) throw key;
      keys.push({ user, key, box });
    },
    /** The connections there are stay open and go deaf. */
    freeze() {
      for (const socket of open) socket.pause().removeAllListeners('data');
    },
    /** As when sshd was restarted, or a firewall forgot them. */
    cutAll() {
      for (const socket of open) socket.destroy();
    },
    async close() {
      const closed = new Promise<void>((resolve) => void listener.close(() => resolve()));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
