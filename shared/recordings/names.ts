import { randomBytes } from 'node:crypto';
import path from 'node:path';

import { readCreationTime } from '../calls/unique-id.ts';
import { formatInZone } from '../zoned-time.ts';
import type { Format } from './settings.ts';

export const KEY_PREFIX = 'call-recordings/';

const CONTENT_TYPES: Record<string, string> = {
  wav: 'audio/wav',
  mp3: 'audio/mpeg',
};
/** What boxes record that we can name; anything else in the folder is left alone. */
const OTHER_TYPES: Record<string, string> = {
  ...CONTENT_TYPES,
  wav49: 'audio/wav',
  ogg: 'audio/ogg',
  opus: 'audio/ogg',
  gsm: 'audio/gsm',
};

/** A permanent link's last part: 128 bits that nobody guesses, and the extension that players look at. */
export function newFileName(extension: string): string {
  return `${randomBytes(16).toString('base64url')}.${extension}`;
}

/** What /r/ accepts, so that nothing else ever reaches the database. */
export const FILE_NAME = /^[\w-]{22}\.[a-z0-9]{2,5}$/;

export function contentTypeOf(extension: string): string | undefined {
  return OTHER_TYPES[extension];
}

export function extensionOf(name: string): string {
  return path.posix.extname(name).slice(1).toLowerCase();
}

export function isFormat(extension: string): extension is Format {
  return extension in CONTENT_TYPES;
}

/** `2025-09-14` of that moment on the clock of the enterprise. */
export function dayOf(moment: Date, timezone: string): string {
  return formatInZone(moment, timezone).slice(0, 10);
}

/** All recordings of a day lie under one prefix. */
export function dayPrefix(day: string): string {
  return `${KEY_PREFIX}${day.replaceAll('-', '/')}/`;
}

/** `call-recordings/YYYY/MM/DD/{enterprise}/call_{uniqueid}.wav`, by the date of the call in the enterprise's zone. */
export function keyFor(recording: {
  enterpriseNumber: string;
  uniqueId: string;
  startedAt: Date;
  timezone: string;
  extension: string;
  /** Tells several files of one channel apart. */
  suffix?: string;
}): string {
  const { enterpriseNumber, uniqueId, startedAt, timezone, extension, suffix } = recording;
  const name = uniqueId.replaceAll(/[^\w.-]/g, '_').slice(0, 150);
  const tail = suffix ? `_${suffix}` : '';
  return `${dayPrefix(dayOf(startedAt, timezone))}${enterpriseNumber}/call_${name}${tail}.${extension}`;
}

/** `1757840723.6` alone, or after what a dialplan put before it. */
const UNIQUE_ID = /(?:^|[-_])(\d{9,11}\.\d+)$/;
/** Boxes with a system name put it before the unique ids themselves. */
const WITH_SYSTEM_NAME =
  /^(?!(?:in|out|external|internal|exten|q|rg)-)[A-Za-z][\w.]*-\d{9,11}\.\d+$/;

export type NamedFile = {
  uniqueId: string;
  /** Where the name says more, as FreePBX names its files. */
  direction?: 'in' | 'out' | 'internal';
  phone?: string;
  extension?: string;
};

/** What a recording's name tells; its whole stem stands for the unique id when none is in it. */
export function readFileName(name: string): NamedFile {
  const stem = path.posix.basename(name, path.posix.extname(name));
  const uniqueId = WITH_SYSTEM_NAME.test(stem) ? stem : (UNIQUE_ID.exec(stem)?.[1] ?? stem);
  const [kind = '', first = '', second = ''] = stem.split('-');
  switch (kind) {
    case 'out':
    case 'external':
      return { uniqueId, direction: 'out', ...party(first, second) };
    case 'in':
    case 'q':
    case 'rg':
      return { uniqueId, direction: 'in', ...party(second, '') };
    case 'exten':
    case 'internal':
      return { uniqueId, direction: 'internal', ...party('', first) };
    default:
      return { uniqueId };
  }
}

function party(phone: string, extension: string): Pick<NamedFile, 'phone' | 'extension'> {
  const digits = /^\+?(\d{3,15})$/.exec(phone)?.[1];
  return {
    ...(digits !== undefined && { phone: digits }),
    ...(/^\d{1,6}$/.test(extension) && { extension }),
  };
}

/** When the recorded channel was made, by its id; else `otherwise`. */
export function startOf(uniqueId: string, otherwise: Date): Date {
  const created = readCreationTime(uniqueId);
  return created === undefined ? otherwise : new Date(created);
}
