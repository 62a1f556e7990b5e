import { migrate } from '../migrate.ts';
import { PlainError, reason } from './plain-error.ts';
import type { Ports } from './ports.ts';
import { seed } from './seed.ts';

type Options = {
  databaseUrl: string;
  encryptionKey: string;
  ports: Ports;
  empty: boolean;
  say: (line: string) => void;
};

/** Migrations and demo data. A database on another machine may be somebody's real one and is left as it is. */
export async function prepareDatabase({
  databaseUrl,
  encryptionKey,
  ports,
  empty,
  say,
}: Options): Promise<void> {
  const { hostname } = new URL(databaseUrl);
  if (!['127.0.0.1', 'localhost', '[::1]'].includes(hostname)) {
    say(
      `DATABASE_URL is on ${hostname}: no migrations and no demo data (migrations: npm run migrate).`,
    );
    return;
  }
  try {
    await migrate(databaseUrl);
  } catch (error) {
    throw new PlainError(`The migrations failed: ${reason(error)}`);
  }
  if (!empty) await seed(databaseUrl, { ports, encryptionKey });
}
