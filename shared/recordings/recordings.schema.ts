import * as z from 'zod';

import type { Contract } from '../contract.ts';
import { DateOrTime } from '../date-or-time.schema.ts';
import { EnterpriseParams, enterpriseRefusals } from '../enterprise.schema.ts';
import { ErrorBody } from '../error.schema.ts';
import { RecordingSettings } from './settings.ts';

/** What old clients, which know no cursor, get at once. */
export const LONGEST_LIST = 5_000;
const LONGEST_PAGE = 500;
/** One PUT takes 5 GB at most; this much is read again, to be verified, within the time of one request. */
const LARGEST_UPLOAD = 500 * 1024 * 1024;

const Time = z.iso.datetime();
const Cursor = z.string().max(300).optional();
const Success = z.object({ success: z.literal(true) });
const RecordingParams = EnterpriseParams.extend({ id: z.uuid() });

const Whose = {
  phone: z
    .string()
    .transform((text) => text.replaceAll(/\D/g, ''))
    .pipe(z.string().regex(/^\d{3,15}$/, 'must be a phone number'))
    .optional()
    .describe('In any way of writing it'),
  extension: z
    .string()
    .regex(/^[\d*#]{1,20}$/)
    .optional()
    .describe('Of anybody who had to do with the call'),
};

export const ProgramFilters = z.object({
  date_from: DateOrTime.optional().describe('Default: seven days ago'),
  date_to: DateOrTime.optional().describe('Of a date its last moment'),
  ...Whose,
});

export const AdminFilters = z.object({
  from: DateOrTime.optional(),
  to: DateOrTime.optional(),
  ...Whose,
  call: z.uuid().optional().describe('Of this call only'),
});

export const listForPrograms = {
  method: 'GET',
  path: '/api/recordings/{number}',
  summary: 'The recordings of an enterprise, each with a link that works for an hour',
  auth: 'enterprise or secret',
  cors: 'none',
  params: EnterpriseParams,
  query: ProgramFilters.extend({
    cursor: Cursor,
    limit: z.coerce.number().int().min(1).max(LONGEST_PAGE).optional(),
  }),
  answers: {
    200: {
      description: 'Newest first; without limit and cursor up to 5,000 at once',
      body: z.object({
        recordings: z.array(
          z.object({
            key: z.string(),
            size: z.number(),
            call_id: z.string().nullable().describe('Unique id of the call'),
            phone: z.string().nullable(),
            extension: z.string().nullable(),
            started_at: Time,
            duration: z.number().nullable().describe('Seconds'),
            download_link: z.url(),
          }),
        ),
        next_cursor: z.string().nullable(),
      }),
    },
    ...enterpriseRefusals,
  },
} as const satisfies Contract;

export const beginUpload = {
  method: 'POST',
  path: '/api/recordings/{number}',
  summary: 'A link to put a recording to, for boxes that push instead of being pulled',
  auth: 'enterprise or secret',
  cors: 'none',
  params: EnterpriseParams,
  body: z.object({
    call_unique_id: z.string().regex(/^[\w.-]{1,100}$/, 'must be a unique id'),
    call_date: DateOrTime.optional().describe('Default: by the unique id, else now'),
    file_name: z.string().min(1).max(200),
    content_type: z.string().max(100),
    size: z.number().int().min(1).max(LARGEST_UPLOAD),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/i, 'must be 64 hex digits')
      .transform((hash) => hash.toLowerCase())
      .optional(),
  }),
  answers: {
    200: {
      description: 'Put the file to upload_url with these headers, then confirm',
      body: z.object({
        recording_id: z.uuid(),
        upload_url: z.url(),
        headers: z.record(z.string(), z.string()),
        expires_at: Time,
      }),
    },
    ...enterpriseRefusals,
    503: { description: 'The storage is not configured', body: ErrorBody },
  },
} as const satisfies Contract;

export const confirmUpload = {
  method: 'POST',
  path: '/api/recordings/{number}/{id}/confirm',
  summary: 'The file is there: it is looked at, and becomes a recording',
  auth: 'enterprise or secret',
  cors: 'none',
  params: RecordingParams,
  answers: {
    200: { description: 'Stored', body: Success.extend({ file_url: z.url() }) },
    ...enterpriseRefusals,
    409: { description: 'Size or hash differ, or nothing is there', body: ErrorBody },
  },
} as const satisfies Contract;

export const RecordingItem = z
  .object({
    id: z.uuid(),
    unique_id: z.string(),
    call_id: z.uuid().nullable(),
    key: z.string(),
    link: z.url().describe('Permanent'),
    content_type: z.string(),
    size: z.number(),
    sha256: z.string().nullable(),
    duration: z.number().nullable(),
    truncated: z.boolean(),
    source: z.enum(['box', 'upload']),
    hold: z.boolean(),
    revoked: z.boolean(),
    opens: z.number(),
    opened_at: Time.nullable(),
    on_box: z.boolean().describe('The file is still on the box, as far as we know'),
    expires_at: Time.nullable().describe('When retention takes it; null: never'),
    phone: z.string().nullable(),
    extension: z.string().nullable(),
    direction: z.enum(['in', 'out', 'internal']).nullable(),
    started_at: Time,
    stored_at: Time.nullable(),
  })
  .meta({ id: 'Recording' });
export type RecordingItem = z.output<typeof RecordingItem>;

const ADMIN = { auth: 'enterprise', cors: 'none' } as const satisfies Partial<Contract>;

export const listForAdmins = {
  ...ADMIN,
  method: 'GET',
  path: '/enterprise/{number}/recordings',
  summary: 'The recordings of an enterprise, newest first',
  params: EnterpriseParams,
  query: AdminFilters.extend({
    cursor: Cursor,
    limit: z.coerce.number().int().min(1).max(LONGEST_PAGE).default(50),
  }),
  answers: {
    200: {
      description: 'A page',
      body: z.object({ items: z.array(RecordingItem), next_cursor: z.string().nullable() }),
    },
    ...enterpriseRefusals,
  },
} as const satisfies Contract;

export const holdRecording = {
  ...ADMIN,
  method: 'POST',
  path: '/enterprise/{number}/recordings/{id}/hold',
  summary:
    'Keeps a recording whatever its age, or lets it go; takes its link back, or gives it again',
  params: RecordingParams,
  body: z
    .object({
      hold: z.boolean().optional().describe('Default: true, unless `revoked` is sent'),
      revoked: z.boolean().optional().describe('true: the permanent link opens nothing any more'),
    })
    .optional(),
  answers: {
    200: {
      description: 'Done',
      body: Success.extend({ hold: z.boolean(), revoked: z.boolean() }),
    },
    ...enterpriseRefusals,
  },
} as const satisfies Contract;

export const deleteRecording = {
  ...ADMIN,
  method: 'DELETE',
  path: '/enterprise/{number}/recordings/{id}',
  summary: 'Deletes a recording from the storage',
  params: RecordingParams,
  answers: {
    200: { description: 'Deleted', body: Success },
    ...enterpriseRefusals,
    409: { description: 'It is on hold', body: ErrorBody },
  },
} as const satisfies Contract;

export const getGaps = {
  ...ADMIN,
  method: 'GET',
  path: '/enterprise/{number}/gaps',
  summary: 'Calls that never arrived as events and came from the box afterwards, per day',
  params: EnterpriseParams,
  query: z.object({ from: DateOrTime.optional(), to: DateOrTime.optional() }),
  answers: {
    200: {
      description: 'Days with calls, newest first, at most 400; the last 30 days by default',
      body: z.object({
        days: z.array(
          z.object({
            date: z.iso.date(),
            calls: z.number(),
            downloaded: z.number().describe('Of these, known only from the box afterwards'),
          }),
        ),
        total: z.object({ calls: z.number(), downloaded: z.number() }),
        box: z
          .object({
            ran_at: Time.nullable(),
            reached_at: Time.nullable(),
            problem: z.string().nullable(),
            counts: z.record(z.string(), z.number()),
            cdr_without_unique_ids: z
              .boolean()
              .describe('loguniqueid=no: calls are matched by number and start'),
          })
          .nullable()
          .describe('The last look at the box; null: there was none'),
      }),
    },
    ...enterpriseRefusals,
  },
} as const satisfies Contract;

const Settings = RecordingSettings.extend({
  copy: z.boolean().describe('Copy recordings at all (parameter_option_3)'),
}).meta({ id: 'RecordingSettings' });

export const getSettings = {
  ...ADMIN,
  method: 'GET',
  path: '/enterprise/{number}/recordings/settings',
  summary: 'How recordings are fetched and kept',
  params: EnterpriseParams,
  answers: { 200: { description: 'In force', body: Settings }, ...enterpriseRefusals },
} as const satisfies Contract;

const { folder, retention_days, delete_after_upload, format, cdr_file } = RecordingSettings.shape;

export const putSettings = {
  ...ADMIN,
  method: 'PUT',
  path: '/enterprise/{number}/recordings/settings',
  summary: 'Changes how recordings are fetched and kept; what is left out stays',
  params: EnterpriseParams,
  body: z.strictObject({
    folder: folder.unwrap().optional(),
    retention_days: retention_days.unwrap().optional(),
    delete_after_upload: delete_after_upload.unwrap().optional(),
    format: format.unwrap().optional(),
    cdr_file: cdr_file.unwrap().optional(),
    copy: z.boolean().optional(),
  }),
  answers: { 200: { description: 'In force now', body: Settings }, ...enterpriseRefusals },
} as const satisfies Contract;

export const openLink = {
  method: 'GET',
  path: '/r/{file}',
  summary: 'The permanent link of a recording',
  auth: 'none',
  // Players of any page follow it; what it leads to is signed for ten minutes.
  cors: 'open',
  params: z.object({ file: z.string().max(40) }),
  answers: {
    302: { description: 'To the file, by a link signed this moment' },
    404: { description: 'Not there yet, or never', text: true },
    410: { description: 'Deleted, or taken back', text: true },
  },
} as const satisfies Contract;

export const recordingContracts: Contract[] = [
  listForPrograms,
  beginUpload,
  confirmUpload,
  listForAdmins,
  holdRecording,
  deleteRecording,
  getGaps,
  getSettings,
  putSettings,
  openLink,
];
