import * as z from 'zod';

import { core, MethodRefusal, phpMap } from './bitrix24-answers.ts';

const LONGEST = 50;
const Batch = z.strictObject({
  halt: z.union([z.boolean(), z.literal(0), z.literal(1), z.enum(['0', '1'])]).default(false),
  cmd: z.record(z.string(), z.string()),
});

type Nested = { [key: string]: string | Nested };
type Outcome = { result: unknown; total?: number; next?: number | undefined };

/** Up to 50 commands, one after the other; each may use what the earlier ones brought. */
export function runBatch(
  params: unknown,
  run: (method: string, params: unknown) => Outcome,
  warn: (text: string) => void,
): object {
  const parsed = Batch.safeParse(params);
  if (!parsed.success) throw core(`Wrong batch: ${z.prettifyError(parsed.error)}`);
  const { cmd, halt } = parsed.data;
  const commands = Object.entries(cmd);
  if (commands.length > LONGEST) {
    throw new MethodRefusal(400, 'ERROR_BATCH_LENGTH_EXCEEDED', 'Max batch length exceeded');
  }
  const results: Record<string, unknown> = {};
  const errors: [string, unknown][] = [];
  const totals: [string, unknown][] = [];
  const nexts: [string, unknown][] = [];
  for (const [key, command] of commands) {
    try {
      const [name = '', query = ''] = command.split(/\?(.*)/s);
      if (name.toLowerCase() === 'batch') {
        const description = 'Batch method is not allowed here';
        throw new MethodRefusal(405, 'ERROR_BATCH_METHOD_NOT_ALLOWED', description);
      }
      const outcome = run(name, toPlain(replaceReferences(parsePhpQuery(query), results)));
      results[key] = outcome.result;
      if (outcome.total !== undefined) totals.push([key, outcome.total]);
      if (outcome.next !== undefined) nexts.push([key, outcome.next]);
    } catch (error) {
      if (!(error instanceof MethodRefusal)) throw error;
      warn(`${key}: ${error.code} ${error.message}`);
      errors.push([
        key,
        {
          error: error.code,
          error_description: error.message,
          ...(error.resetAt !== undefined && { time: { operating_reset_at: error.resetAt } }),
        },
      ]);
      if (['1', 'true'].includes(String(halt))) break;
    }
  }
  return {
    result: phpMap(Object.entries(results)),
    result_error: phpMap(errors),
    result_total: phpMap(totals),
    result_next: phpMap(nexts),
    result_time: [],
  };
}

/** `A=1&B[]=2&B[]=3&C[D]=4`, into nested maps. */
export function parsePhpQuery(query: string): Nested {
  const whole: Nested = {};
  for (const [name, value] of new URLSearchParams(query)) {
    const [first = '', ...rest] = name.split('[').map((part) => part.replace(/\]$/, ''));
    let place = whole;
    let key = first;
    for (const next of rest) {
      const deeper = place[key];
      const inside: Nested = typeof deeper === 'object' ? deeper : {};
      place[key] = inside;
      place = inside;
      key = next === '' ? String(Object.keys(inside).length) : next;
    }
    place[key] = value;
  }
  return whole;
}

/** What leads nowhere becomes an empty text, as the vendor does it. */
function replaceReferences(value: Nested, results: Record<string, unknown>): Nested {
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => {
      if (typeof each === 'object') return [key, replaceReferences(each, results)];
      const replaced = each.replaceAll(/\$result((?:\[[^\]]*\])+)/g, (_, path: string) => {
        const keys = [...path.matchAll(/\[([^\]]*)\]/g)].map(([, name = '']) => name);
        const found = keys.reduce<unknown>(
          (inside, name) =>
            inside !== null && typeof inside === 'object' ? Reflect.get(inside, name) : undefined,
          results,
        );
        return typeof found === 'string' || typeof found === 'number' ? String(found) : '';
      });
      return [key, replaced];
    }),
  );
}

/** Maps with the keys 0, 1, 2 … are lists. */
function toPlain(value: Nested | string): unknown {
  if (typeof value === 'string') return value;
  const entries = Object.entries(value);
  const isList = entries.length > 0 && entries.every(([key], index) => key === String(index));
  const plain = entries.map(([key, each]): [string, unknown] => [key, toPlain(each)]);
  return isList ? plain.map(([, each]) => each) : Object.fromEntries(plain);
}
