import { type BoxFiles, tone } from './sftp-files.ts';

const FOLDER = '/var/spool/asterisk/monitor';
const CDR = '/var/log/asterisk/cdr-csv/Master.csv';

/** Calls of the last day that the demo box recorded, and that its list of calls tells of; nobody sent events of them. */
const CALLS = [
  { hoursAgo: 20, phone: '375291110021', extension: '150', seconds: 21, hertz: 330, out: false },
  { hoursAgo: 9, phone: '375291110022', extension: '151', seconds: 34, hertz: 392, out: true },
  { hoursAgo: 3, phone: '375291110023', extension: '152', seconds: 12, hertz: 440, out: false },
];
const RANG_SECONDS = 6;

/** What a box of a working company has lying there, so that recordings are seen being fetched. */
export function putDemoFiles(files: BoxFiles, now = Date.now()): void {
  const lines = CALLS.map((call, index) => {
    const { hoursAgo, seconds, hertz } = call;
    const start = Math.floor(now / 1000) - hoursAgo * 3600;
    const uniqueId = `${start}.${index * 4 + 1}`;
    const end = start + RANG_SECONDS + seconds;
    const ageSeconds = Math.floor(now / 1000) - end;
    files.put(`${FOLDER}/${uniqueId}.wav`, tone(seconds, hertz), { ageSeconds });
    return cdrLine(call, { start, end, uniqueId });
  });
  files.text(CDR, lines.join(''));
}

function cdrLine(
  { phone, extension, seconds, out }: (typeof CALLS)[number],
  { start, end, uniqueId }: { start: number; end: number; uniqueId: string },
): string {
  // Boxes write their own local time; the demo ones stand in Minsk.
  const local = (second: number) =>
    new Date((second + 3 * 3600) * 1000).toISOString().slice(0, 19).replace('T', ' ');
  const line = 'PJSIP/0001363-00000a01';
  const desk = `PJSIP/${extension}-00000a02`;
  const [source, destination, channel, other] = out
    ? [extension, phone, desk, line]
    : [phone, extension, line, desk];
  const words = ['', source, destination, 'inoffice', `"" <${source}>`, channel, other, 'Dial', ''];
  const times = [local(start), local(start + RANG_SECONDS), local(end)];
  const quoted = [...words, ...times].map((word) => `"${word.replaceAll('"', '""')}"`);
  return `${[...quoted, end - start, seconds, '"ANSWERED"', '"DOCUMENTATION"', `"${uniqueId}"`, '""'].join(',')}\n`;
}
