/** The command line of Asterisk 22.10, byte for byte as the real one printed it (2026-11-21). */
import type { AsteriskBox, SimChannel } from './asterisk-box.ts';

export const VERSION = '22.10.1+dfsg+~cs6.17.60671434-1';
const BUILT =
  'built by nobody @ buildd.debian.org on a unknown running Linux on 2026-07-20 21:35:32 UTC';

/** Patterns of the contexts, as the demo's extensions.conf has them. */
const DIALPLAN: Record<string, { pattern: string; fits: RegExp; steps: string[] }[]> = {
  inoffice: [
    {
      pattern: '_1XX',
      fits: /^1\d\d$/,
      steps: [
        'NoOp(inoffice: internal ${EXTEN} from ${CALLERID(all)})',
        'Set(ST=${DEVICE_STATE(PJSIP/${EXTEN})})',
        'Dial(PJSIP/${EXTEN},30,tT)',
        'Hangup()',
      ],
    },
    { pattern: '_+X.', fits: /^\+\d.+$/, steps: ['Goto(outgoing,${EXTEN},1)'] },
    { pattern: '_XXXXXX.', fits: /^\d{6}.+$/, steps: ['Goto(outgoing,${EXTEN},1)'] },
  ],
  outgoing: [
    { pattern: '_[+0-9].', fits: /^[+0-9].+$/, steps: ['Dial(PJSIP/${EXTEN}@${TRUNK},60,tT)'] },
  ],
  waitredirect: [
    {
      pattern: '_[+0-9].',
      fits: /^[+0-9].+$/,
      steps: ['Wait(${WAITREDIRECT})', 'Goto(default-route,${EXTEN},1)'],
    },
  ],
  'smart-redirect-start': [
    { pattern: '_[+0-9].', fits: /^[+0-9].+$/, steps: ['Goto(waitredirect,${EXTEN},1)'] },
  ],
  'default-route': [
    { pattern: '_[+0-9].', fits: /^[+0-9].+$/, steps: ['Dial(PJSIP/${MANAGER_DEFAULT},30,tT)'] },
  ],
  'web-zapros': [{ pattern: '1', fits: /^1$/, steps: ['Dial(${WHO},,tT)'] }],
  'web-zapros-safe': [
    { pattern: '1', fits: /^1$/, steps: ['Dial(${WHO},20,tT)', 'Goto(default-route,s,1)'] },
  ],
};

/** Phones of the demo: 151 was never registered. */
const ENDPOINTS = ['150', '151', '152'];
const REGISTERED = ['150', '152'];

/** The beginnings of commands that exist, for the hint of an unknown one. */
const KNOWN = [
  'core show version',
  'core show uptime seconds',
  'core show channels concise',
  'core show channels count',
  'core waitfullybooted',
  'dialplan show',
  'dialplan set chanvar',
  'channel originate',
  'channel redirect',
  'channel request hangup',
  'pjsip show contacts',
  'pjsip show endpoint',
];

export type CliOptions = {
  booting?: boolean;
  /** Takes originates and does nothing, as the real one does with a technology it does not have. */
  deaf?: boolean;
};

/** What Asterisk prints for one command, after having done it. */
export function answerCli(box: AsteriskBox, command: string, options: CliOptions = {}): string {
  const words = command.split(/\s+/).filter(Boolean);
  if (words.length === 0) return '';
  if (options.booting) return unknown(command, words);
  const rest = (count: number) => words.slice(count);
  const begins = (text: string) => ` ${words.join(' ')} `.startsWith(` ${text} `);

  if (begins('core show version')) return `Asterisk ${VERSION} ${BUILT}\n`;
  if (begins('core show uptime seconds'))
    return `System uptime: ${box.uptime()}\nLast reload: ${box.uptime()}\n`;
  if (begins('core show channels concise'))
    return box
      .channels()
      .map((channel) => concise(box, channel))
      .join('');
  if (begins('core show channels count')) return count(box);
  if (begins('core waitfullybooted')) return 'Asterisk has fully booted.\n';
  if (begins('dialplan set chanvar')) return setVariable(box, command, rest(3));
  if (begins('dialplan show')) return showDialplan(command, words[2] ?? '');
  if (begins('channel originate')) return originate(box, command, rest(2), options);
  if (begins('channel redirect')) return redirect(box, command, rest(2));
  if (begins('channel request hangup')) return hangUp(box, rest(3));
  if (begins('pjsip show contacts')) return contacts();
  if (begins('pjsip show endpoint')) return endpoint(box, words[3] ?? '');
  return unknown(command, words);
}

function unknown(command: string, words: string[]): string {
  const known = words.findIndex(
    (_word, index) =>
      !KNOWN.some((each) => ` ${each} `.startsWith(` ${words.slice(0, index + 1).join(' ')}`)),
  );
  const hint = words.slice(0, known < 0 ? words.length : known + 1).join(' ');
  return `No such command '${command}' (type 'core show help ${hint}' for other possible commands)\n`;
}

function concise(box: AsteriskBox, channel: SimChannel): string {
  const { name, context, exten, priority, state, application, data, callerId } = channel;
  const { bridgeId, uniqueId } = channel;
  const head = [name, context, exten, priority, state, application, data, callerId];
  return `${[...head, '', '', '3', box.seconds(channel), bridgeId, uniqueId].join('!')}\n`;
}

function count(box: AsteriskBox): string {
  const plural = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;
  const channels = box.channels().length;
  const calls = box.channels().filter(({ name }) => /^Local\/1\d\d@.*;1$/.test(name)).length;
  return `${plural(channels, 'active channel')}\n${plural(calls, 'active call')}\n${plural(box.processed(), 'call')} processed\n`;
}

function showDialplan(command: string, wanted: string): string {
  const [exten, context] = wanted.includes('@') ? wanted.split('@') : ['', wanted];
  const failed = `Command '${command}' failed.\n`;
  const all = DIALPLAN[context ?? ''];
  if (!all) return `There is no existence of '${context}' context\n${failed}`;
  const found = exten ? all.filter(({ fits }) => fits.test(exten)) : all;
  if (found.length === 0) return `There is no existence of ${wanted} extension\n${failed}`;
  const step = (text: string, priority: number, label: string) =>
    `  ${label.padEnd(18)}${`${priority}. ${text}`.padEnd(45)} [extensions.conf:${20 + priority}]\n`;
  const lines = found.map(({ pattern, steps }) =>
    steps
      .map((text, index) => step(text, index + 1, index === 0 ? `'${pattern}' =>` : ''))
      .join(''),
  );
  const priorities = found.reduce((sum, { steps }) => sum + steps.length, 0);
  const extensions = found.length === 1 ? '1 extension' : `${found.length} extensions`;
  const counted = priorities === 1 ? '1 priority' : `${priorities} priorities`;
  return `[ Context '${context}' created by 'pbx_config' ]\n${lines.join('')}\n-= ${extensions} (${counted}) in 1 context. =-\n`;
}

const USAGE = `  There are two ways to use this command. A call can be originated between a
channel and a specific application, or between a channel and an extension in
the dialplan. This is similar to call files or the manager originate action.
Calls originated with this command are given a timeout of 30 seconds.

Usage1: channel originate <tech/data> application <appname> [appdata]
  This will originate a call between the specified channel tech/data and the
given application. Arguments to the application are optional. If the given
arguments to the application include spaces, all of the arguments to the
application need to be placed in quotation marks.

Usage2: channel originate <tech/data> extension [exten@][context]
  This will originate a call between the specified channel tech/data and the
given extension. If no context is specified, the 'default' context will be
used. If no extension is given, the 's' extension will be used.
`;

/** Silent, whatever becomes of it; only a command that cannot be read gets words. */
function originate(
  box: AsteriskBox,
  _command: string,
  words: string[],
  { deaf }: CliOptions,
): string {
  const [channel = '', kind, application, argument = ''] = words;
  if (!channel.includes('/')) return `*** No data provided after channel type! ***\n${USAGE}`;
  if (kind !== 'application' || application === undefined) return USAGE;
  const near = /^LOCAL\/([^@]+)@([\w-]+)$/i.exec(channel);
  const far = /^LOCAL\/([^@]+)@([\w-]+)$/i.exec(argument);
  if (!near || !far || application !== 'Dial' || deaf) return '';
  const [, extension = '', context = ''] = near;
  const exists = DIALPLAN[context]?.some(({ fits }) => fits.test(extension));
  if (exists) box.originate(extension, far[1] ?? '', context);
  return '';
}

function setVariable(box: AsteriskBox, command: string, words: string[]): string {
  const [name = '', variable = '', value = ''] = words;
  const channel = box.find(name);
  if (!channel) return `Channel '${name}' not found\nCommand '${command}' failed.\n`;
  channel.variables[variable] = value;
  return `\n    -- Channel variable '${variable}' set to '${value}' for '${name}'\n`;
}

function redirect(box: AsteriskBox, command: string, words: string[]): string {
  const [name = '', target = ''] = words;
  const channel = box.find(name);
  if (!channel) return `Channel '${name}' not found\nCommand '${command}' failed.\n`;
  const [context = '', exten = '', priority = ''] = target.split(',');
  // Success is printed even for a context that does not exist; the call then ends.
  if (!DIALPLAN[context]) box.hangUp(name);
  const data = `${channel.variables['WHO'] ?? ''},,tT`;
  Object.assign(channel, { context, exten, priority, application: 'Dial', data });
  return `Channel '${name}' successfully redirected to ${target}\n`;
}

function hangUp(box: AsteriskBox, words: string[]): string {
  const [name = ''] = words;
  const gone = name === 'all' ? box.channels() : [box.find(name) ?? []].flat();
  if (gone.length === 0) return name === 'all' ? '' : `${name} is not a known channel\n`;
  for (const channel of gone) box.hangUp(channel.name);
  return gone.map((channel) => `Requested Hangup on channel '${channel.name}'\n`).join('');
}

function contacts(): string {
  const rows = REGISTERED.map(
    (exten, index) =>
      `  Contact:  ${`${exten}/sip:${exten}@127.0.0.1:${15_000 + Number(exten)}`.padEnd(46)} 40bb57c07${index} NonQual        -nan\n`,
  );
  return `\n  Contact:  <Aor/ContactUri..............................> <Hash....> <Status> <RTT(ms)..>\n${'='.repeat(90)}\n\n${rows.join('')}\nObjects found: ${rows.length}\n\n`;
}

const ENDPOINT_HEAD = `
 Endpoint:  <Endpoint/CID.....................................>  <State.....>  <Channels.>
    I/OAuth:  <AuthId/UserName...........................................................>
        Aor:  <Aor............................................>  <MaxContact>
      Contact:  <Aor/ContactUri..........................> <Hash....> <Status> <RTT(ms)..>
  Transport:  <TransportId........>  <Type>  <cos>  <tos>  <BindAddress..................>
   Identify:  <Identify/Endpoint.........................................................>
        Match:  <criteria.........................>
    Channel:  <ChannelId......................................>  <State.....>  <Time.....>
        Exten: <DialedExten...........>  CLCID: <ConnectedLineCID.......>
${'='.repeat(90)}
`;

function endpoint(box: AsteriskBox, name: string): string {
  if (!ENDPOINTS.includes(name)) return `Unable to find object ${name}.\n\n`;
  const talks = box.channels().some((channel) => channel.name.startsWith(`PJSIP/${name}-`));
  const registered = REGISTERED.includes(name);
  const state = registered ? (talks ? 'In use' : 'Not in use') : 'Unavailable';
  const contact = registered
    ? `      Contact:  ${`${name}/sip:${name}@127.0.0.1:${15_000 + Number(name)}`.padEnd(42)} 40bb57c07a NonQual        -nan\n`
    : '';
  const talking = talks ? 1 : 0;
  return `${ENDPOINT_HEAD}
 Endpoint:  ${`${name}/${name}`.padEnd(52)} ${state.padEnd(13)} ${talking} of inf
     InAuth:  ${name}/${name}
        Aor:  ${name.padEnd(50)} 1
${contact}  Transport:  transport-udp             udp      0      0  127.0.0.1:15060


 ParameterName                      : ParameterValue
 ===================================================================================================
 context                            : inoffice
 transport                          : transport-udp

`;
}
