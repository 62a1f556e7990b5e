// npm run asterisk:check -- 0367
// Goes the whole way to an enterprise's box and says what is wrong on it, and where to look.
import { isUnknown, isUsage, readDialplan, readEndpoint } from '../shared/asterisk/answers.ts';
import { AsteriskError, type AsteriskProblem } from '../shared/asterisk/asterisk-error.ts';
import { loadBox } from '../shared/asterisk/boxes.sql.ts';
import * as commands from '../shared/asterisk/commands.ts';
import { inspectBox } from '../shared/asterisk/inspect.ts';
import { deadlineIn } from '../shared/asterisk/pool.ts';
import { BOX_VARIABLES, reachBoxes } from '../shared/asterisk/reach.ts';
import { connect, type Pool } from '../shared/db.ts';
import { listExtensions } from '../shared/directory/directory.sql.ts';
import { readEnv } from '../shared/env.ts';
import { findOwner } from '../shared/originates/originates.sql.ts';
import { readArguments, runCommand } from './arguments.ts';
import { joinLocalStack } from './local/join-stack.ts';

const HELP = `Usage: npm run asterisk:check -- <enterprise number> [--dry-run]

Goes the whole way to an enterprise's box and says what is wrong on it, and where to look: network, SSH, host key,
Asterisk, clock, dialplan context, each extension, and an originate to a number that nobody has. Nothing rings. A box that
is seen for the first time has its host key noted. Needs DATABASE_URL and ENCRYPTION_KEY; without: the local stack of this
folder. Run it where the box can be reached.

  --dry-run  says where it would go and what it would ask, connects to no box

Exit code: 0 all is well, 1 something is not, 2 wrong usage.`;

const HINTS: Record<AsteriskProblem, string> = {
  unreachable: 'сеть: адрес и порт в карточке, брандмауэр, запущен ли sshd',
  timeout:
    'сеть или нагрузка: порт открыт, но ответа нет; висит ли Asterisk (asterisk -rx "core show uptime")',
  authentication_refused:
    'ключ или пароль: ssh_user и ssh_credentials; после неверных паролей sshd не пускает минуту',
  host_key_changed:
    'ключ хоста: если АТС переустановили, примите новый ключ в админке; если нет, выясните, кто отвечает',
  not_running: 'systemctl status asterisk; есть ли /var/run/asterisk/asterisk.ctl и права на него',
  booting: 'Asterisk загружается, повторите через минуту',
  command_refused: 'права: cli_permissions.conf, группа asterisk, AllowStreamLocalForwarding',
  outcome_unknown: 'соединение оборвалось: нагрузка, брандмауэр, sshd',
};

let failed = false;
const good = (what: string) => console.log(`✅ ${what}`);
const bad = (what: string, hint: string) => {
  failed = true;
  console.log(`❌ ${what}\n   → ${hint}`);
};

const limit = () => ({ deadline: deadlineIn(15_000) });

await runCommand(run);

async function run(): Promise<number> {
  const given = readArguments(HELP, {
    options: { 'dry-run': { type: 'boolean', default: false } },
    most: 1,
  });
  if (typeof given === 'number') return given;
  const [number] = given.positionals;
  if (number === undefined) {
    console.error('The number of an enterprise is missing. --help says more.');
    return 2;
  }
  joinLocalStack();
  const env = readEnv(['DATABASE_URL', ...BOX_VARIABLES]);
  const db = connect(env.DATABASE_URL);
  const reach = reachBoxes(db, env);
  try {
    await check({ db, number, ...reach }, given.values['dry-run']);
  } catch (error) {
    if (error instanceof AsteriskError) bad(error.message, HINTS[error.problem]);
    else bad('база или настройки', error instanceof Error ? error.message : String(error));
  } finally {
    reach.boxes.close();
    await db.end();
  }
  return failed ? 1 : 0;
}

type Way = ReturnType<typeof reachBoxes> & { db: Pool; number: string };

async function check({ db, number, boxes, access }: Way, isDryRun: boolean): Promise<void> {
  const owner = await findOwner(db, number);
  if (!owner) return bad(`предприятие ${number}`, 'его нет в базе или оно выключено (active)');
  good(`предприятие ${number} «${owner.name}» включено`);
  const box = await loadBox(db, number, access);
  if (isDryRun) {
    const extensions = await listExtensions(db, number);
    console.log(`SSH ${box.user}@${box.host}:${box.port}, контекст ${owner.context ?? 'inoffice'}`);
    console.log(`номера: ${extensions.map(({ extension }) => extension).join(', ') || 'нет'}`);
    return;
  }
  const seen = await inspectBox(db, boxes, box);
  if (seen.kind !== null) {
    const offered = seen.offeredHostKey ? ` (показан ${seen.offeredHostKey})` : '';
    return bad(`${box.host}:${box.port}: ${seen.problem}${offered}`, HINTS[seen.kind]);
  }
  good(`SSH ${box.user}@${box.host}:${box.port}, команда за ${seen.latencyMs} мс`);
  good(`ключ хоста ${(await loadBox(db, number, access)).hostKey}`);
  good(`Asterisk ${seen.version}, работает ${seen.uptimeSeconds} с, каналов ${seen.channels}`);
  checkClock(seen.clockOffsetMs);

  const context = commands.readContext(owner.context ?? 'inoffice');
  const plan = await boxes.run(box, [commands.showContext(context)], limit());
  if (readDialplan(plan) !== 'exists')
    return bad(
      `контекст ${context}`,
      'его нет в диалплане: enterprises.originate_context, extensions.conf',
    );
  good(`контекст ${context} есть`);
  for (const { extension } of await listExtensions(db, number)) await checkExtension(extension);

  /** A number that the dialplan does not have: nothing rings, and a refusal would be printed. */
  const nobody = commands.readExtension('*#*#0000#*');
  const dry = commands.originate(nobody, commands.readPhone('000000000000000'), context);
  const text = await boxes.run(box, [commands.showDialplan(nobody, context), dry], limit());
  const isRefused = isUnknown(text, dry) || isUsage(text) || /permission/i.test(text);
  if (readDialplan(text) === 'exists')
    console.log('⚠️ пробный originate пропущен: контекст принимает любой номер');
  else if (isRefused) bad('пробный originate', HINTS.command_refused);
  else good('пробный originate принят');

  /** Boxes older than Asterisk 21 may have the SIP driver and no PJSIP. */
  async function sipState(extension: commands.Extension) {
    const answer = await boxes.run(box, [commands.showSipPeer(extension)], limit());
    if (!/^\s+Status\s+:/m.test(answer)) return undefined;
    return /^\s+Status\s+: (OK|Unmonitored)/m.test(answer) ? 'registered' : 'unregistered';
  }

  async function checkExtension(name: string): Promise<void> {
    const extension = commands.readExtension(name);
    const asked = [commands.showDialplan(extension, context), commands.showEndpoint(extension)];
    const answer = await boxes.run(box, asked, limit());
    if (readDialplan(answer) !== 'exists')
      return bad(`номер ${name}`, `нет в контексте ${context}: extensions.conf`);
    const state = readEndpoint(answer)?.state ?? (await sipState(extension));
    if (state === 'unregistered') console.log(`⚠️ номер ${name} есть, телефон не зарегистрирован`);
    else good(`номер ${name} есть${state === 'registered' ? ', телефон зарегистрирован' : ''}`);
  }
}

function checkClock(offsetMs: number | null): void {
  if (offsetMs === null) console.log('⚠️ часы: без оболочки их не спросить');
  else if (Math.abs(offsetMs) > 30_000) bad(`часы расходятся на ${offsetMs} мс`, 'NTP на АТС');
  else good(`часы расходятся на ${offsetMs} мс`);
}
