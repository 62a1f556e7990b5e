import openapi from '../../docs/openapi.json' with { type: 'json' };
import { sessionTokenOf } from '../auth/cookie.ts';
import { findSession, isAnySecret } from '../auth/sessions.sql.ts';
import { hashToken } from '../auth/tokens.ts';
import type { Pool } from '../db.ts';
import type { HttpRequest } from '../lambda/http-event.ts';
import type { Route } from '../lambda/http.ts';
import { log } from '../lambda/log.ts';
import { getHealth, getOpenapi, getStatus } from './status.schema.ts';

/** The old name, which monitoring asks for. */
const SERVICE = 'asterisk-call-management';
const PATIENCE_MS = 3_000;

/** Rejects when that part does not answer. */
type Part = () => Promise<unknown>;
type Dependencies = {
  db: Pool;
  parts: { database: Part; queues: Part; storage?: Part };
  asterisk: { ASTERISK_SSH_PORT: number; ASTERISK_SSH_USER: string };
};

export function statusRoutes({ db, parts, asterisk }: Dependencies): Route[] {
  return [
    {
      contract: getHealth,
      handle: async () => ({
        status: 200,
        body: { status: 'healthy', service: SERVICE, version: openapi.info.version },
      }),
    },
    {
      contract: getStatus,
      handle: async (request) => {
        const [database, queues, storage] = await Promise.all([
          stateOf('database', parts.database),
          stateOf('queues', parts.queues),
          parts.storage ? stateOf('storage', parts.storage) : 'not configured',
        ]);
        // Whether somebody is known cannot be asked of a database that does not answer.
        const isKnown = database === 'connected' && (await isAuthenticated(db, request));
        const found = { database, queues, storage };
        return {
          status: Object.values(found).includes('disconnected') ? 503 : 200,
          body: {
            service: SERVICE,
            version: openapi.info.version,
            ...found,
            ...(isKnown && {
              asterisk_config: {
                method: 'SSH CLI',
                ssh_port: asterisk.ASTERISK_SSH_PORT,
                ssh_user: asterisk.ASTERISK_SSH_USER,
              },
            }),
          },
        };
      },
    },
    { contract: getOpenapi, handle: async () => ({ status: 200, body: openapi }) },
  ];
}

async function stateOf(part: string, ask: Part): Promise<'connected' | 'disconnected'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), PATIENCE_MS);
  });
  try {
    await Promise.race([ask(), late]);
    return 'connected';
  } catch (error) {
    log.warn('part does not answer', { part, reason: error instanceof Error ? error.name : '' });
    return 'disconnected';
  } finally {
    clearTimeout(timer);
  }
}

/** An admin who is logged in, or a program with the secret of any enterprise. */
async function isAuthenticated(db: Pool, request: HttpRequest): Promise<boolean> {
  const { headers, query } = request;
  const bearer = /^Bearer +(\S+)\s*$/i.exec(headers['authorization'] ?? '')?.[1];
  const secret = bearer ?? query['clientId'];
  if (secret !== undefined) return isAnySecret(db, secret);
  const session = sessionTokenOf(request);
  return session !== undefined && (await findSession(db, hashToken(session))) !== undefined;
}
