import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

import * as commands from '../../shared/asterisk/commands.ts';
import { createPool, deadlineIn } from '../../shared/asterisk/pool.ts';
import { connect } from '../../shared/db.ts';
import { createOriginate } from '../../shared/originates/originate.ts';
import { cli, type RealBox, startBox, stopBox, whyNoBox } from '../asterisk/real-box.ts';
import { type Benchmark, type Options, type Row, verdict } from './benchmark.ts';
import { median, ms, p95, times } from './figures.ts';
import { measureRedirects } from './smart-redirect.ts';

const NUMBER = '9500';
const EXTENSION = '151'; // simulated by the dialplan: as many calls at once as are wanted
const run = promisify(execFile);

/** Both ways in turn, on the same box in the same minute. */
export const asterisk: Benchmark = {
  name: 'asterisk',
  says: 'commands, click-to-call and smart redirect on a real Asterisk, beside sshpass ssh',
  needs: 'services',
  async run(services, options) {
    const why = await whyNoBox();
    if (why !== undefined) return [skipped(why)];
    const box = await startBox();
    const db = connect(services.databaseUrl, { max: 4 });
    try {
      return [
        ...(await measureCommands(box, options)),
        ...(await measureClicks(box, db, options)),
        ...(await measureRedirects(box, db, options, targetDefaults(box))),
      ];
    } finally {
      await db.end();
      await stopBox(box);
    }
  },
};

function skipped(why: string): Row {
  const none = { goal: '', median: '', p95: '' };
  return { what: 'a real Asterisk', ...none, verdict: 'noted', note: `not measured: ${why}` };
}

async function measureCommands(box: RealBox, { quick, say }: Options): Promise<Row[]> {
  const pool = createPool({ pin: async (_number, fingerprint) => fingerprint });
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < (quick ? 5 : 20); round += 1) {
    theirs.push(await timed(() => sshpass(box, 'core show uptime seconds')));
    for (let turn = 0; turn < 10; turn += 1) {
      const limit = { deadline: deadlineIn(5_000) };
      ours.push(await timed(() => pool.run(targetOf(box), [commands.showUptime()], limit)));
    }
  }
  pool.close();
  const warm = ours.slice(1);
  const ratio = median(theirs) / median(warm);
  say(`a command ${ms(median(warm))}, by sshpass ${ms(median(theirs))}`);
  return [
    {
      what: 'one Asterisk command, warm connection',
      goal: 'median ≤ 3 ms, ≥ 100 × faster than sshpass ssh',
      median: ms(median(warm)),
      p95: ms(p95(warm)),
      ratio: times(ratio),
      verdict: verdict(median(warm) <= 3 && ratio >= 100),
      note: `${warm.length} of ours, ${theirs.length} × sshpass ssh … asterisk -rx in turn: median ${ms(median(theirs))}, p95 ${ms(p95(theirs))}; the first, cold: ${ms(ours[0] ?? 0)}`,
    },
  ];
}

async function measureClicks(
  box: RealBox,
  db: ReturnType<typeof connect>,
  { quick, say }: Options,
): Promise<Row[]> {
  await insertOwner(db, box);
  const pool = createPool({ pin: async (_number, fingerprint) => fingerprint });
  const access = { secrets: { open: (text: string) => text }, defaults: targetDefaults(box) };
  const originate = createOriginate({ db, boxes: pool, access });
  let next = 0;
  const click = async () => {
    next += 1;
    await db`delete from originates`; // the limit is another matter
    const phone = `+37529111${String(next).padStart(4, '0')}`;
    const wanted = { enterpriseNumber: NUMBER, extension: EXTENSION, phone };
    const placed = await originate({ ...wanted, source: 'external' });
    if (!placed.placed) throw new Error(placed.reason);
  };
  await click();
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < (quick ? 5 : 20); round += 1) {
    ours.push(await timed(click));
    theirs.push(
      await timed(() =>
        sshpass(
          box,
          `channel originate LOCAL/${EXTENSION}@inoffice application Dial LOCAL/+375291120000@inoffice`,
        ),
      ),
    );
    await cli(box, 'channel request hangup all');
  }
  const ratio = median(theirs) / median(ours);
  say(`a click ${ms(median(ours))}, by sshpass ${ms(median(theirs))}`);

  const before = await callsProcessed(box);
  const [extension, context] = [
    commands.readExtension(EXTENSION),
    commands.readContext('inoffice'),
  ];
  const each: number[] = [];
  const wall = await timed(() =>
    Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const phone = commands.readPhone(`37529113${String(index).padStart(4, '0')}`);
        const command = commands.originate(extension, phone, context);
        const limit = { deadline: deadlineIn(20_000) };
        each.push(await timed(() => pool.run(targetOf(box), [command], limit)));
      }),
    ),
  );
  await new Promise((resolve) => setTimeout(resolve, 500));
  const legs = (await cli(box, 'core show channels concise'))
    .split('\n')
    .filter((line) => line.startsWith(`Local/${EXTENSION}@inoffice-`) && /;1!/.test(line)).length;
  await cli(box, 'channel request hangup all');
  pool.close();
  say(`50 at once: ${legs} first legs, ${ms(wall)}; calls processed before ${before}`);
  return [
    {
      what: 'click-to-call, warm, with the checks before and after',
      goal: '≥ 20 × faster than sshpass ssh',
      median: ms(median(ours)),
      p95: ms(p95(ours)),
      ratio: times(ratio),
      verdict: verdict(ratio >= 20),
      note: `${ours.length} each, in turn; sshpass ssh, without any check: median ${ms(median(theirs))}, p95 ${ms(p95(theirs))}; ours includes its rows in PostgreSQL`,
    },
    {
      what: '50 originates at once, one box, one connection',
      goal: '50 calls up, ≤ 250 ms',
      median: ms(median(each)),
      p95: ms(p95(each)),
      verdict: verdict(legs === 50 && wall <= 250),
      note: `${legs} of 50 calls alive half a second later; all answered within ${ms(wall)}`,
    },
  ];
}

async function callsProcessed(box: RealBox): Promise<string> {
  return /(\d+) calls? processed/.exec(await cli(box, 'core show channels count'))?.[1] ?? '?';
}

const targetDefaults = (box: RealBox) => ({
  ASTERISK_SSH_PORT: box.sshPort,
  ASTERISK_SSH_USER: 'root',
  ASTERISK_SSH_PASSWORD: box.password,
  ASTERISK_SSH_KEY: undefined,
});

const targetOf = (box: RealBox) => ({
  enterpriseNumber: NUMBER,
  host: '127.0.0.1',
  port: box.sshPort,
  user: 'root',
  credentials: { password: box.password },
  hostKey: null,
});

/** As the predecessor did: a process, a connection and a login for each command. */
async function sshpass({ folder, sshPort, password }: RealBox, command: string): Promise<void> {
  const [file = '', ...before] = await findSshpass(folder);
  const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR'];
  await run(file, [
    ...before,
    '-p',
    password,
    'ssh',
    '-p',
    String(sshPort),
    ...options.flatMap((option) => ['-o', option]),
    'root@127.0.0.1',
    `asterisk -rx '${command}'`,
  ]);
}

/** The machine's own, or the box's with the box's libraries: in its chroot there is no terminal for it. */
async function findSshpass(folder: string): Promise<string[]> {
  const own = await run('sh', ['-c', 'command -v sshpass']).catch(() => undefined);
  if (own) return [own.stdout.trim()];
  const root = path.join(folder, 'root');
  const isArm = process.arch === 'arm64';
  const loader = isArm ? 'lib/ld-linux-aarch64.so.1' : 'lib64/ld-linux-x86-64.so.2';
  const libraries = `usr/lib/${isArm ? 'aarch64' : 'x86_64'}-linux-gnu`;
  return [
    path.join(root, loader),
    '--library-path',
    path.join(root, libraries),
    path.join(root, 'usr/bin/sshpass'),
  ];
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function insertOwner(db: ReturnType<typeof connect>, box: RealBox): Promise<void> {
  await db`
    insert into enterprises (number, name, token, secret, ip, ssh_port)
    values (${NUMBER}, 'bench asterisk', 'bench-asterisk', 'bench-asterisk-secret', '127.0.0.1', ${box.sshPort})
    on conflict (number) do nothing`;
}
