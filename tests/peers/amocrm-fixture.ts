import { ask, test as base, type World } from './fixture.ts';

type Answered = Awaited<ReturnType<typeof ask>>;
type Options = {
  account?: string;
  token?: string | null;
  /** Another content type than JSON. */
  type?: string;
  raw?: string;
};

export const ACCESS = 'demo-amocrm-access-0367';
export const REFRESH = {
  client_id: 'demo-amocrm-client-0367',
  client_secret: 'demo-amocrm-secret-0367',
  grant_type: 'refresh_token',
  refresh_token: 'demo-amocrm-refresh-0367',
  redirect_uri: 'https://hub.example/amocrm',
};

export const test = base.extend<{
  post: (path: string, body: unknown, options?: Options) => Promise<Answered>;
  get: (path: string, options?: Options) => Promise<Answered>;
}>({
  post: async ({ world }, use) => {
    await use((path, body, options = {}) =>
      ask(addressOf(world, path, options), {
        method: 'POST',
        headers: { ...tokenHeader(options), 'content-type': options.type ?? 'application/json' },
        body: options.raw ?? JSON.stringify(body),
      }),
    );
  },
  get: async ({ world }, use) => {
    await use((path, options = {}) =>
      ask(addressOf(world, path, options), { headers: tokenHeader(options) }),
    );
  },
});

function addressOf({ peers }: World, path: string, { account = 'demo' }: Options): string {
  return `${peers.url}/amocrm/${account}${path}`;
}

function tokenHeader({ token = ACCESS }: Options): Record<string, string> {
  return token === null ? {} : { authorization: `Bearer ${token}` };
}
