import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';

/** What the pages consist of. Anything else is refused rather than served as something to download. */
const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
};

/** Vite puts a hash of the content into these names. */
const HASHED = /^assets\/.+-[\w-]{8,}\.\w+$/;

export type PageFile = { name: string; contentType: string; cacheControl: string };

/**
 * The files of a built site in the order they have to arrive: what a page refers to before the page, so that nobody
 * is shown a page whose parts are not there yet. @throws Error a file of a kind that no browser is served here
 */
export async function listPageFiles(folder: string): Promise<PageFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
  const files = names.toSorted().map((name) => {
    const contentType = TYPES[path.extname(name)];
    if (!contentType) throw new Error(`${name}: of what type is it? See infra/website.ts`);
    const cacheControl = HASHED.test(name) ? 'public, max-age=31536000, immutable' : 'no-cache';
    return { name, contentType, cacheControl };
  });
  const isPage = ({ name }: PageFile): boolean => name.endsWith('.html');
  return [...files.filter((file) => !isPage(file)), ...files.filter(isPage)];
}

/** Uploads a built site. What earlier releases left stays: a page that is open right now may still ask for it. */
export async function uploadSite(
  s3: S3Client,
  { bucket, prefix, folder }: { bucket: string; prefix: string; folder: string },
): Promise<number> {
  const files = await listPageFiles(folder);
  for (const { name, contentType, cacheControl } of files) {
    await s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: prefix + name,
        Body: await readFile(path.join(folder, name)),
        ContentType: contentType,
        CacheControl: cacheControl,
      }),
    );
  }
  return files.length;
}
