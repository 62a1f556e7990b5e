import { randomBytes } from 'node:crypto';

import { createSigner, type StoreSettings } from './sign.ts';
import { createStore } from './store.ts';

export type CheckStep = {
  step: string;
  ok: boolean;
  detail: string | null;
  hint: string | null;
  took_ms: number;
};
export type CheckReport = { ok: boolean; message: string; steps: CheckStep[] };

export const ALL_PASSED = '✅ ВСЕ ТЕСТЫ ПРОЙДЕНЫ УСПЕШНО!';
const PART = 5 * 1024 * 1024;

/**
 * Tries everything that recordings need of a storage, each by itself, with a small object and one of two parts that it
 * takes away again. Never throws for what the storage does.
 */
export async function checkStorage(
  settings: StoreSettings,
  { send = fetch }: { send?: typeof fetch } = {},
): Promise<CheckReport> {
  const steps: CheckStep[] = [];
  const missing = missingKeys(settings);
  steps.push({
    step: 'Настройки',
    ok: missing.length === 0,
    detail: `${settings.endpoint}, ${settings.region}, ${settings.bucket}`,
    hint: missing.map((name) => `${name} не настроен`).join('; ') || null,
    took_ms: 0,
  });
  if (missing.length > 0) return reportOf(steps);

  const store = createStore(settings, { maxAttempts: 1 });
  const signer = createSigner(settings);
  const key = `storage-check/${randomBytes(8).toString('hex')}.txt`;
  const large = `${key}.parts`;
  const text = Buffer.from('Trunkline storage check: 0123456789');

  const tryStep = async (step: string, run: () => Promise<string | undefined>) => {
    const began = performance.now();
    const took = () => Math.round(performance.now() - began);
    try {
      const detail = (await run()) ?? null;
      steps.push({ step, ok: true, detail, hint: null, took_ms: took() });
      return true;
    } catch (error) {
      const detail = wordsOf(error);
      steps.push({ step, ok: false, detail, hint: hintFor(error, settings), took_ms: took() });
      return false;
    }
  };

  const reachable = await tryStep('Бакет', async () =>
    (await store.ensureBucket()) ? 'создан' : 'есть',
  );
  if (!reachable) return reportOf(steps);
  await tryStep('Запись (PUT)', async () => {
    await store.put(key, text, { contentType: 'text/plain' });
    return undefined;
  });
  await tryStep('Размер (HEAD)', async () => {
    const head = await store.head(key);
    if (head?.size !== text.length) throw new Error(`${head?.size ?? 'нет объекта'}`);
    return `${head.size} байт`;
  });
  await tryStep('Чтение части (GET Range)', async () => {
    const part = await readAll(await store.get(key, { from: 25, to: 29 }));
    if (part.toString() !== text.subarray(25, 30).toString()) throw new Error('другие байты');
    return undefined;
  });
  await tryStep('Подписанная ссылка (GET)', async () => {
    const link = await signer.get(key, { seconds: 60, contentType: 'text/plain' });
    const answer = await send(link, { headers: { range: 'bytes=0-8' } });
    const body = await answer.text();
    if (answer.status !== 206) throw new Error(`ответ ${answer.status}: ${body.slice(0, 200)}`);
    return '206, с частью файла';
  });
  await tryStep('Подписанная загрузка (PUT)', async () => {
    const link = await signer.put(key, {
      seconds: 60,
      contentType: 'text/plain',
      size: text.length,
    });
    const answer = await send(link, {
      method: 'PUT',
      body: text,
      headers: { 'content-type': 'text/plain' },
    });
    if (!answer.ok) {
      throw new Error(`ответ ${answer.status}: ${(await answer.text()).slice(0, 200)}`);
    }
    return undefined;
  });
  await tryStep('Загрузка частями', async () => {
    const upload = await store.beginUpload(large, { contentType: 'application/octet-stream' });
    try {
      await upload.putPart(1, Buffer.alloc(PART, 1));
      await upload.putPart(2, Buffer.alloc(10, 2));
      await upload.complete();
    } catch (error) {
      await upload.abort().catch(() => {});
      throw error;
    }
    const head = await store.head(large);
    if (head?.size !== PART + 10) throw new Error(`${head?.size ?? 'нет объекта'}`);
    return '2 части';
  });
  await tryStep('Удаление', async () => {
    const left = await store.deleteMany([key, large]);
    if (left.length > 0) throw new Error(left.map(({ problem }) => problem).join('; '));
    if (await store.head(key)) throw new Error('объект остался');
    return undefined;
  });
  await tryStep('Доступ со страниц (CORS)', async () =>
    (await store.allowPages()) ? undefined : 'у хранилища нет такой настройки',
  );
  return reportOf(steps);
}

/** For a terminal. */
export function printReport({ steps, message }: CheckReport): string {
  const lines = steps.map(({ step, ok, detail, hint }) =>
    [`${ok ? '✅' : '❌'} ${step}`, detail && `: ${detail}`, hint && `\n   ${hint}`]
      .filter(Boolean)
      .join(''),
  );
  return [...lines, '', message].join('\n');
}

function missingKeys({ accessKey, secretKey }: StoreSettings): string[] {
  return [...(accessKey ? [] : ['ACCESS_KEY']), ...(secretKey ? [] : ['SECRET_KEY'])];
}

function reportOf(steps: CheckStep[]): CheckReport {
  const failed = steps.filter(({ ok }) => !ok).map(({ step }) => step);
  const ok = failed.length === 0;
  return { ok, message: ok ? ALL_PASSED : `❌ Не прошли: ${failed.join(', ')}`, steps };
}

const HINTS: [RegExp, string][] = [
  [
    /NoSuchBucket/,
    'Такого бакета нет: проверьте S3_BUCKET и S3_ENDPOINT (бакеты живут в одном месте).',
  ],
  [
    /SignatureDoesNotMatch/,
    'Подпись не подходит: проверьте S3_SECRET_KEY (пробелы по краям, обрезанная строка) и S3_REGION.',
  ],
  [
    /InvalidAccessKeyId/,
    'Хранилище не знает такого ключа: проверьте S3_ACCESS_KEY и проект, в котором он создан.',
  ],
  [
    /RequestTimeTooSkewed|expired/i,
    'Часы этой машины и хранилища расходятся больше чем на 15 минут: включите синхронизацию времени.',
  ],
  [
    /AccessDenied|403/,
    'Доступа нет: у ключа нет прав на этот бакет, или бакет принадлежит другому проекту.',
  ],
  [
    /BucketAlreadyExists/,
    'Имя бакета занято кем-то другим: имена общие для всех, выберите другое (S3_BUCKET).',
  ],
  [/InvalidBucketName/, 'Имя бакета: 3–63 знака, только a–z, 0–9 и дефис.'],
  [
    /ENOTFOUND|EAI_AGAIN/,
    'Адрес не найден: проверьте S3_ENDPOINT, например https://fsn1.your-objectstorage.com.',
  ],
  [
    /ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|Timeout/i,
    'Хранилище не отвечает: проверьте S3_ENDPOINT и выход в интернет.',
  ],
  [
    /certificate|SSL|EPROTO|wrong version/i,
    'Не удалось защитить соединение: проверьте http:// или https:// в S3_ENDPOINT.',
  ],
  [
    /PermanentRedirect|AuthorizationHeaderMalformed/,
    'Бакет в другом регионе: проверьте S3_REGION и S3_ENDPOINT.',
  ],
  [
    /XAmzContentSHA256Mismatch/,
    'Хранилище не приняло контрольную сумму: нужен клиент с WHEN_REQUIRED.',
  ],
];

function hintFor(error: unknown, { endpoint, pathStyle }: StoreSettings): string {
  const words = wordsOf(error);
  const known = HINTS.find(([pattern]) => pattern.test(words))?.[1];
  if (known) return known;
  const style = pathStyle
    ? ''
    : ' Если имя бакета не разрешается в адрес, поставьте S3_PATH_STYLE=1.';
  return `Проверьте адрес ${endpoint}.${style}`;
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  const cause = error.cause instanceof Error ? error.cause.message : '';
  return [error.name === 'Error' ? '' : error.name, code, error.message, cause]
    .filter(Boolean)
    .join(': ')
    .slice(0, 300);
}

async function readAll(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const read: Uint8Array[] = [];
  for await (const piece of pieces) read.push(piece);
  return Buffer.concat(read);
}
