import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { listPageFiles, uploadSite } from '../../infra/website.ts';
import { storageSettings } from '../support/storage.ts';

const { endpoint, region, accessKey = '', secretKey = '' } = storageSettings();
const s3 = new S3Client({
  endpoint,
  region,
  forcePathStyle: true,
  credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
});
const bucket = `website-${process.pid}`;
const folder = mkdtempSync(path.join(tmpdir(), 'site-'));

beforeAll(async () => {
  mkdirSync(path.join(folder, 'assets'));
  writeFileSync(path.join(folder, 'index.html'), '<!doctype html>');
  writeFileSync(path.join(folder, 'theme.js'), 'void 0');
  writeFileSync(path.join(folder, 'assets/index-D3f_9aQz.js'), 'void 0');
  writeFileSync(path.join(folder, '.built-from'), 'not a page');
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the pages of a release', () => {
  test('the page arrives after its parts', async () => {
    const names = (await listPageFiles(folder)).map(({ name }) => name);
    expect(names).toEqual(['assets/index-D3f_9aQz.js', 'theme.js', 'index.html']);
  });

  test('what has a hash in its name is kept for a year, anything else is asked for anew', async () => {
    expect(await uploadSite(s3, { bucket, prefix: 'ui/', folder })).toBe(3);
    const headersOf = async (name: string) => {
      const { CacheControl, ContentType } = await s3.send(
        new GetObjectCommand({ Bucket: bucket, Key: `ui/${name}` }),
      );
      return { CacheControl, ContentType };
    };
    expect(await headersOf('assets/index-D3f_9aQz.js')).toEqual({
      CacheControl: 'public, max-age=31536000, immutable',
      ContentType: 'text/javascript; charset=utf-8',
    });
    expect(await headersOf('index.html')).toEqual({
      CacheControl: 'no-cache',
      ContentType: 'text/html; charset=utf-8',
    });
    expect(await headersOf('theme.js')).toMatchObject({ CacheControl: 'no-cache' });
  });

  test('a file that no browser is served is refused', async () => {
    writeFileSync(path.join(folder, 'notes.docx'), '');
    await expect(listPageFiles(folder)).rejects.toThrow('notes.docx: of what type is it?');
    rmSync(path.join(folder, 'notes.docx'));
  });
});
