import * as z from 'zod';

import { Login } from '../auth/auth.schema.ts';
import { END_STATUSES } from '../calls/call.ts';
import { IntegrationsConfig } from '../crm/config.ts';
import { EnterpriseParams } from '../enterprise.schema.ts';
import { NewEnterprise } from '../enterprises/enterprises.schema.ts';
import { momentOf } from '../zoned-time.ts';

/** Not there, empty and null are the same in the predecessor's tables. */
const optional = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === '' ? null : value), schema.nullish());

const flag = (fallback: boolean) =>
  z
    .boolean()
    .nullish()
    .transform((value) => value ?? fallback);

/** Numbers of chats and accounts stand in some installations as numbers, in others as text. */
const asText = z.union([z.string(), z.int().transform(String)]);
const price = z.coerce.number().min(0).max(9_999_999_999);
const json = z.preprocess(fromText, z.json());

const { number } = EnterpriseParams.shape;
const fields = NewEnterprise.shape;

/** What the boxes show already: older and shorter ones than we would make are among them. */
const Token = z.string().regex(/^[\w.-]{4,64}$/, 'must be 4 to 64 letters, digits, dots or dashes');

/**
 * The rows that are read from the predecessor, by the names of their columns (docs/import.md lists them). A time without
 * an offset is on the clock of `timezone`.
 */
export function rowSchemas(timezone: string) {
  const moment = z
    .string()
    .regex(/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/, 'must be a time')
    .transform((text) => momentOf(text.replace(' ', 'T'), timezone))
    .refine((time) => !Number.isNaN(time.getTime()), 'must be a time');
  const date = z.string().transform((text, context) => {
    const day = z.iso.date().safeParse(text.slice(0, 10));
    if (!day.success) context.addIssue({ code: 'custom', message: 'must be a date' });
    return day.data ?? '';
  });

  const enterprises = z.object({
    number,
    name: fields.name,
    name2: optional(Token),
    token: optional(Token),
    secret: optional(z.string().min(8).max(200)),
    ip: optional(fields.ip),
    host: optional(fields.host),
    bot_token: optional(fields.bot_token),
    chat_id: optional(
      asText.pipe(z.string().regex(/^-?\d{1,20}$/, 'must be the number of a chat')),
    ),
    timezone: optional(fields.timezone),
    active: flag(true),
    is_enabled: flag(true),
    parameter_option_1: flag(true),
    parameter_option_2: flag(true),
    parameter_option_3: flag(true),
    parameter_option_4: flag(false),
    parameter_option_5: flag(true),
    custom_domain: optional(fields.custom_domain),
    custom_port: optional(fields.custom_port),
    scheme_count: optional(fields.scheme_count),
    gsm_line_count: optional(fields.gsm_line_count),
    integrations_config: optional(z.preprocess(fromText, IntegrationsConfig)),
    created_at: optional(moment),
  });

  const lines = z.object({
    enterprise_number: number,
    line: asText.pipe(z.string().regex(/^\d{1,15}$/, 'must be digits')),
    name: fields.name,
  });

  const extensions = z.object({
    enterprise_number: number,
    extension: asText.pipe(z.string().regex(/^\d{1,5}$/, 'must be one to five digits')),
    name: optional(fields.name),
    mobile: optional(
      asText
        .transform((text) => text.replaceAll(/\D/g, ''))
        .pipe(z.string().regex(/^\d{6,15}$/, 'must be a phone number')),
    ),
    telegram_id: optional(z.coerce.number().int().positive()),
  });

  const users = z.object({
    enterprise_number: number,
    login: optional(Login),
    email: optional(Login),
    name: optional(fields.name),
    first_name: optional(z.string()),
    last_name: optional(z.string()),
    active: flag(true),
    is_admin: optional(z.boolean()),
    password_hash: optional(z.string()),
  });

  const calls = z
    .object({
      enterprise_number: number,
      unique_id: z.string().min(1).max(150),
      direction: z.enum(['in', 'out', 'internal']),
      status: z.enum(END_STATUSES),
      phone: optional(asText.pipe(z.string().regex(/^\+?\d{1,20}$/, 'must be digits'))),
      line: optional(asText),
      extension: optional(asText.pipe(z.string().regex(/^\d{1,15}$/, 'must be digits'))),
      started_at: moment,
      answered_at: optional(moment),
      ended_at: moment,
      talk_seconds: optional(z.int().min(0)),
    })
    .refine((call) => call.started_at <= call.ended_at, {
      path: ['ended_at'],
      message: 'is before started_at',
    });

  const integrationLogs = z.object({
    id: z.coerce.number().int().positive(),
    enterprise_number: number,
    integration_type: z.string().min(1).max(50),
    event_type: z.string().min(1).max(50),
    call_unique_id: optional(z.string()),
    phone_number: optional(asText),
    internal_extension: optional(asText),
    request_data: optional(json),
    response_data: optional(json),
    status: z.enum(['success', 'error', 'pending']),
    error_message: optional(z.string()),
    response_time_ms: optional(z.coerce.number().min(0).transform(Math.round)),
    created_at: moment,
    updated_at: optional(moment),
  });

  const hostingServers = z.object({
    client_name: optional(z.string()),
    client_company: optional(z.string()),
    client_telegram_id: optional(z.coerce.number().int()),
    server_name: z.string().trim().min(1).max(200),
    configuration: optional(z.string()),
    ip_address: optional(z.string()),
    cost_price: optional(price),
    client_price: optional(price),
    service_fee: optional(price),
    start_date: optional(date),
    next_payment_date: optional(date),
    payment_period: optional(z.enum(['monthly', 'quarterly', 'yearly'])),
    status: optional(z.enum(['active', 'overdue', 'suspended', 'closed'])),
    project_name: optional(z.string().trim().min(1).max(200)),
    timeweb_id: optional(z.coerce.number().int().positive()),
    timeweb_status: optional(z.string()),
    timeweb_preset_id: optional(z.coerce.number().int()),
    auto_sync: optional(z.boolean()),
    notes: optional(z.string()),
  });

  return { enterprises, lines, extensions, users, calls, integrationLogs, hostingServers };
}
export type RowSchemas = ReturnType<typeof rowSchemas>;
export type Row<Name extends keyof RowSchemas> = z.output<RowSchemas[Name]>;

/** Some columns hold JSON as text. */
function fromText(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
