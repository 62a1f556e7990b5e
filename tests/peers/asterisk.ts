import * as z from 'zod';

import { type AsteriskBox, createAsteriskBox } from './asterisk-box.ts';
import { renderAsterisk } from './asterisk-panel.ts';
import { type Asked, createAsteriskSsh, MODES, newHostKey, type SshMode } from './asterisk-ssh.ts';
import { check } from './control.ts';
import type { Journal } from './journal.ts';
import { callHub } from './outbound.ts';
import { type Clock, ControlError, type Peer } from './peer.ts';
import { type BoxFiles, wavHeader } from './sftp-files.ts';

const HOST = '127.0.0.1';

/** Both demo boxes stand behind one sshd; the password says whose it is. */
const DEMO = [
  {
    number: '0367',
    token: '375290000001',
    line: '0001363',
    user: 'root',
    password: 'demo-asterisk-0367',
  },
  {
    number: '0368',
    token: '375290000002',
    line: '0001363',
    user: 'root',
    password: 'demo-asterisk-0368',
  },
];

export type AsteriskAccount = {
  box: AsteriskBox;
  user: string;
  password: string;
  mode: SshMode;
  /** What its dialplan sent, the newest last. */
  posted: { kind: string; at: string; outcome: string }[];
};

type Options = {
  now: Clock;
  /** Where the boxes send their events; without it nowhere. */
  eventUrl?: string | undefined;
  hostKey?: string | undefined;
  /** Serves the SFTP subsystem of a session: recordings. */
  sftp?: (accept: () => unknown, box: AsteriskBox) => void;
  /** What its disk holds, for `/control`. */
  filesOf?: (number: string) => BoxFiles;
};

export type AsteriskPeer = Peer & {
  /** Begins to listen; 0 takes a free port. */
  listen(
    journal: Pick<Journal, 'arrive' | 'judge' | 'close' | 'touch'>,
    port: number,
  ): Promise<number>;
  /** Where it listens. */
  port(): number;
  account(number: string): AsteriskAccount;
  ssh: ReturnType<typeof createAsteriskSsh>;
  close(): Promise<void>;
};

const KEPT_EVENTS = 200;

const Patch = z.strictObject({
  mode: z.enum(MODES).optional(),
  phones: z
    .strictObject({
      ringAgentMs: z.number().min(0),
      ringClientMs: z.number().min(0),
      talkMs: z.number().min(0),
      agent: z.enum(['answers', 'silent', 'busy']),
      client: z.enum(['answers', 'silent', 'busy']),
    })
    .partial()
    .optional(),
});
const Incoming = z.strictObject({ phone: z.string().regex(/^\+?\d{3,15}$/) });
const Hangup = z.strictObject({ channel: z.string() });
const Files = z.strictObject({
  /** Instead of all that is there: closed recordings of zeros. */
  recordings: z
    .array(z.strictObject({ path: z.string().startsWith('/'), bytes: z.int().min(44) }))
    .optional(),
  fault: z
    .strictObject({
      cutAfterBytes: z.int().optional(),
      cutAt: z.enum(['readdir', 'stat', 'open', 'read', 'close', 'unlink']).optional(),
      cutAtCount: z.int().optional(),
      readOnly: z.boolean().optional(),
      delayMs: z.int().optional(),
    })
    .optional(),
});
/** Older than a file that is still written to. */
const RESTED_SECONDS = 60;

export function createAsterisk({ now, eventUrl, hostKey, sftp, filesOf }: Options): AsteriskPeer {
  let journal: Pick<Journal, 'arrive' | 'judge' | 'close' | 'touch'> | undefined;
  let listening = 0;
  // One after the other, as they happened: curl in a dialplan waits for its answer.
  let posting = Promise.resolve();
  const accounts = DEMO.map(({ user, password, ...own }): AsteriskAccount => {
    const box = createAsteriskBox({
      ...own,
      now,
      post: ({ kind, body, token }) => {
        posting = posting.then(() => send(own.number, kind, body, token));
      },
    });
    return { box, user, password, mode: 'ok', posted: [] };
  });

  async function send(number: string, kind: string, body: object, token: string): Promise<void> {
    if (eventUrl === undefined) return;
    const outcome = await callHub(`${eventUrl}/api/callevent/${kind}`, {
      method: 'POST',
      headers: { token, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const { posted } = account(number);
    const at = new Date(now()).toISOString();
    posted.push({ kind, at, outcome: 'status' in outcome ? `${outcome.status}` : outcome.error });
    if (posted.length > KEPT_EVENTS) posted.shift();
    journal?.touch();
  }

  function account(number: string): AsteriskAccount {
    const found = accounts.find(({ box }) => box.number === number);
    if (found) return found;
    throw new ControlError(404, `no box "${number}"`);
  }

  function note({ number }: AsteriskBox, { via, command, answer }: Asked): void {
    if (!journal) return;
    const entry = journal.arrive({
      peer: 'asterisk',
      account: number,
      method: 'CLI',
      path: command,
      query: {},
      body: { via },
    });
    const failed =
      /^(No such command|There is no existence|Channel '.*' not found|.* is not a known)/m;
    const refused = failed.exec(answer)?.[0];
    const printed = { status: 0, body: answer.slice(0, 2_000), ...(refused && { refused }) };
    journal.judge(entry, printed, { applied: true });
    journal.close(entry, { answer: printed, ms: 0 });
  }

  const ssh = createAsteriskSsh({
    boxes: () => accounts,
    hostKey: hostKey ?? newHostKey(),
    note,
    ...(sftp && { sftp }),
  });
  const http = { status: 404, body: { error: 'the box speaks SSH only' }, refused: 'not SSH' };

  return {
    name: 'asterisk',
    title: 'Asterisk',
    speaksHttp: false,
    ssh,
    account,
    port: () => listening,
    locate: (path) => ({ account: '', path }),
    answer: () => http,
    overloaded: () => http,
    broken: () => http,
    secrets: () => accounts.map(({ password }) => password),
    reset() {
      for (const each of accounts) {
        each.box.reset();
        Object.assign(each, { mode: 'ok', posted: [] });
      }
    },
    async listen(into, port) {
      journal = into;
      listening = await ssh.listen(port, HOST);
      return listening;
    },
    async close() {
      for (const { box } of accounts) box.reset();
      await ssh.close();
    },
    control({ method, segments: [number, action], body }) {
      switch (`${method} ${number === undefined ? 'all' : (action ?? 'account')}`) {
        case 'GET all':
          return accounts.map(({ box }) => box.number);
        case 'GET account':
          return describe(account(number ?? ''));
        case 'POST account': {
          const { mode, phones } = check(Patch, body);
          const found = account(number ?? '');
          if (mode) found.mode = mode;
          found.box.setPhones(phones ?? {});
          return describe(found);
        }
        case 'POST incoming':
          return account(number ?? '').box.waitingCaller(check(Incoming, body).phone);
        case 'POST hangup':
          account(number ?? '').box.hangUp(check(Hangup, body).channel);
          return describe(account(number ?? ''));
        case 'POST files':
          return filesOf && putFiles(filesOf(account(number ?? '').box.number), check(Files, body));
        case 'POST host-key':
          ssh.changeHostKey();
          ssh.cutAll();
          return { ok: true };
        case 'POST cut':
          ssh.cutAll();
          return { ok: true };
        default:
          return undefined;
      }
    },
    panel: () => renderAsterisk(accounts),
  };
}

function putFiles(files: BoxFiles, { recordings, fault }: z.output<typeof Files>) {
  if (recordings) files.reset();
  for (const { path, bytes } of recordings ?? []) {
    files.putSparse(path, wavHeader(bytes - 44), bytes, { ageSeconds: RESTED_SECONDS });
  }
  if (fault) files.fault(fault);
  return { files: [...files.files.keys()], removed: files.removed };
}

function describe({ box, mode, posted }: AsteriskAccount) {
  const { number, channels, originated } = box;
  return { number, mode, channels: channels(), originated: originated(), posted };
}
