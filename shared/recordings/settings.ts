import * as z from 'zod';

/** An absolute path on a box, without a way up and without what no file name holds. */
const BoxPath = z
  .string()
  .max(300)
  .regex(/^\/(?!.*(?:^|\/)\.\.(?:\/|$))[^\p{Cc}]*$/u, 'must be an absolute path');

export const FORMATS = ['wav', 'mp3'] as const;
export type Format = (typeof FORMATS)[number];

/** `enterprises.recordings`. */
export const RecordingSettings = z.object({
  folder: BoxPath.default('/var/spool/asterisk/monitor').describe('Where the box records to'),
  retention_days: z.number().int().min(0).max(3650).default(90).describe('0: kept for ever'),
  delete_after_upload: z
    .boolean()
    .default(false)
    .describe('Take the file off the box once its copy is verified'),
  format: z.enum(FORMATS).default('wav').describe('What is stored; mp3 takes a tenth of the room'),
  cdr_file: BoxPath.default('/var/log/asterisk/cdr-csv/Master.csv').describe(
    "The box's own list of calls",
  ),
});
export type RecordingSettings = z.output<typeof RecordingSettings>;

/** Stored settings are believed field by field: one that is wrong counts as not set. */
export const StoredRecordingSettings = z
  .record(z.string(), z.unknown())
  .catch({})
  .transform((stored): RecordingSettings => {
    const given = Object.entries(RecordingSettings.shape).flatMap(([name, schema]) => {
      const parsed = schema.safeParse(stored[name]);
      return parsed.success ? [[name, parsed.data] as const] : [];
    });
    return RecordingSettings.parse(Object.fromEntries(given));
  });
