import { createHash, createHmac } from 'node:crypto';

import { S3RequestPresigner } from '@aws-sdk/s3-request-presigner';

import { AppError } from '../errors.ts';

/** Where the recordings lie, and the keys to it. */
export type StoreSettings = {
  endpoint: string;
  region: string;
  bucket: string;
  accessKey: string | undefined;
  secretKey: string | undefined;
  /** The bucket in the path instead of the host name. Always so where the host is an address. */
  pathStyle: boolean;
};

type StoreEnv = {
  S3_ENDPOINT: string;
  S3_REGION: string;
  S3_BUCKET: string;
  S3_ACCESS_KEY: string | undefined;
  S3_SECRET_KEY: string | undefined;
  HETZNER_S3_ACCESS_KEY: string | undefined;
  HETZNER_S3_SECRET_KEY: string | undefined;
  S3_PATH_STYLE: '1' | undefined;
};

/** The variables of every function that touches the store. */
export const STORE_ENV = [
  'S3_ENDPOINT',
  'S3_REGION',
  'S3_BUCKET',
  'S3_ACCESS_KEY',
  'S3_SECRET_KEY',
  'HETZNER_S3_ACCESS_KEY',
  'HETZNER_S3_SECRET_KEY',
  'S3_PATH_STYLE',
] as const satisfies (keyof StoreEnv)[];

export function storeSettings(env: StoreEnv): StoreSettings {
  const { hostname } = new URL(env.S3_ENDPOINT);
  return {
    endpoint: env.S3_ENDPOINT.replace(/\/+$/, ''),
    region: env.S3_REGION,
    bucket: env.S3_BUCKET,
    accessKey: env.S3_ACCESS_KEY ?? env.HETZNER_S3_ACCESS_KEY,
    secretKey: env.S3_SECRET_KEY ?? env.HETZNER_S3_SECRET_KEY,
    pathStyle: env.S3_PATH_STYLE === '1' || /^(\d+\.){3}\d+$|^\[|^localhost$/.test(hostname),
  };
}

/** @throws AppError 503 names the key that nobody has set */
export function credentialsOf({ accessKey, secretKey }: StoreSettings) {
  if (!accessKey) throw new AppError('unavailable', 'S3_ACCESS_KEY не настроен');
  if (!secretKey) throw new AppError('unavailable', 'S3_SECRET_KEY не настроен');
  return { accessKeyId: accessKey, secretAccessKey: secretKey };
}

/** The longest life of a signed link that any store allows. */
export const LONGEST_LINK_SECONDS = 7 * 86_400;

export type Signer = ReturnType<typeof createSigner>;

/**
 * Signs links to objects. By the presigner alone, without the S3 client: that is 20 KB instead of 420 in functions
 * that only sign.
 */
export function createSigner(settings: StoreSettings, clock = () => new Date()) {
  const { protocol, hostname, port } = new URL(settings.endpoint);
  const { bucket, region, pathStyle } = settings;

  async function sign(
    method: 'GET' | 'PUT' | 'HEAD' | 'POST',
    key: string,
    options: { seconds: number; query?: Record<string, string>; headers?: Record<string, string> },
  ): Promise<string> {
    const { seconds, query = {}, headers = {} } = options;
    const presigner = new S3RequestPresigner({
      region,
      credentials: credentialsOf(settings),
      sha256: NodeSha256,
    });
    const host = pathStyle ? hostname : `${bucket}.${hostname}`;
    const request = {
      method,
      protocol,
      hostname: host,
      ...(port && { port: Number(port) }),
      path: `${pathStyle ? `/${bucket}` : ''}/${key.split('/').map(encode).join('/')}`,
      query: { 'x-id': method === 'GET' ? 'GetObject' : 'PutObject', ...query },
      headers: { host: port ? `${host}:${port}` : host, ...headers },
    };
    const signed = await presigner.presign(request, {
      expiresIn: Math.min(seconds, LONGEST_LINK_SECONDS),
      signingDate: clock(),
      signableHeaders: new Set(['host', ...Object.keys(headers)]),
    });
    const parameters = Object.entries(signed.query ?? {})
      .map(([name, value]) => `${encode(name)}=${encode(String(value))}`)
      .join('&');
    return `${protocol}//${request.headers.host}${request.path}?${parameters}`;
  }

  return {
    /** A link to any other operation of the store. */
    sign,
    /** A link that plays in a browser and saves under a name people can read; with `saveAs` it is saved only. */
    get(
      key: string,
      options: { seconds: number; contentType?: string; saveAs?: string },
    ): Promise<string> {
      const { seconds, contentType, saveAs } = options;
      const disposition =
        saveAs === undefined
          ? `inline; filename="${key.split('/').at(-1) ?? 'recording'}"`
          : `attachment; filename*=UTF-8''${encode(saveAs)}`;
      return sign('GET', key, {
        seconds,
        query: {
          'response-content-disposition': disposition,
          ...(contentType && { 'response-content-type': contentType }),
        },
      });
    },
    /** A link that tells what lies there. */
    head: (key: string, { seconds }: { seconds: number }) => sign('HEAD', key, { seconds }),
    /** A link to put exactly this many bytes of this type to. */
    put(
      key: string,
      { seconds, contentType, size }: { seconds: number; contentType: string; size: number },
    ) {
      return sign('PUT', key, {
        seconds,
        headers: { 'content-type': contentType, 'content-length': String(size) },
      });
    },
  };
}

/** As AWS wants it: everything but unreserved characters. */
const encode = (text: string) =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** The hash as the signer asks for it; with a secret it is an HMAC. */
class NodeSha256 {
  readonly #hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined ? createHash('sha256') : createHmac('sha256', toBytes(secret));
  }
  update(data: string | ArrayBuffer | ArrayBufferView) {
    this.#hash.update(toBytes(data));
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }
  reset() {}
}

function toBytes(data: string | ArrayBuffer | ArrayBufferView): string | Uint8Array {
  if (typeof data === 'string') return data;
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
