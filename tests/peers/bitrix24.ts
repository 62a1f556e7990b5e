import * as z from 'zod';

import { MethodRefusal, timeOf, toAnswer } from './bitrix24-answers.ts';
import { parsePhpQuery, runBatch } from './bitrix24-batch.ts';
import { createMethods } from './bitrix24-methods.ts';
import { renderBitrix24 } from './bitrix24-panel.ts';
import {
  countEffects,
  createPortal,
  digitsOf,
  forgetEffects,
  makeCallId,
  patchPortal,
  type Portal,
  PortalPatch,
  setCard,
} from './bitrix24-portal.ts';
import { check } from './control.ts';
import { maskSecret } from './journal.ts';
import { createLimiter, type Limit } from './limits.ts';
import { callHub } from './outbound.ts';
import { type Answer, type Clock, ControlError, type Peer, type PeerRequest } from './peer.ts';

/** 50 at once, and 2 more every second. */
const LIMIT: Limit = { kind: 'bucket', burst: 50, everyMs: 500 };
const NO_PORTAL =
  '<!DOCTYPE html>\n<html><head><title>404</title></head><body><h1>Портал не найден</h1></body></html>\n';

export type Bitrix24Peer = Peer & { portal: (name: string) => Portal };

const Click = z.strictObject({
  phone: z.string(),
  extension: z.string(),
  lineNumber: z.string().default(''),
});

export function createBitrix24({ now }: { now: Clock }): Bitrix24Peer {
  const limiter = createLimiter(now);
  const methods = createMethods(now);
  const portals = new Map<string, Portal>();
  for (const portal of demoPortals()) portals.set(portal.name, portal);

  function answer(request: PeerRequest): Answer {
    const portal = portals.get(request.account);
    const [, , , userId, secret = ''] = request.fullPath.split('/');
    if (!portal || !/\/rest\/\d+\/[^/]+\/./.test(request.fullPath)) {
      return { status: 404, body: NO_PORTAL, refused: 'no such portal' };
    }
    if (limiter.take([[portal.name, LIMIT]]) > 0) {
      throw new MethodRefusal(503, 'QUERY_LIMIT_EXCEEDED', 'Too many requests');
    }
    const webhook = portal.webhooks.get(secret);
    if (!webhook || String(webhook.userId) !== userId) {
      throw new MethodRefusal(401, 'INVALID_CREDENTIALS', 'Invalid request credentials');
    }
    const warnings: string[] = [];
    const warn = (text: string) => void warnings.push(text);
    const asked = { portal, webhook, warn };
    const name = request.path.slice(1);
    const params = paramsOf(request);
    if (name.toLowerCase() === 'batch') {
      const result = runBatch(
        params,
        (method, inner) => {
          const { result: one, page } = methods.run(asked, method, inner);
          return { result: one, ...(page && { total: page.total, next: page.next }) };
        },
        warn,
      );
      const time = timeOf(now, { operating: 0, resetAt: Math.floor(now() / 1000) + 600 });
      return { status: 200, body: { result, time }, warnings };
    }
    const { result, page, time } = methods.run(asked, name, params);
    const body = {
      result,
      ...(page && { total: page.total, ...(page.next !== undefined && { next: page.next }) }),
      time: timeOf(now, time),
    };
    return { status: 200, body, warnings };
  }

  function findPortal(name: string): Portal {
    const portal = portals.get(name);
    if (!portal) throw new ControlError(404, `no Bitrix24 portal "${name}"`);
    return portal;
  }

  function change(name: string, patch: z.output<typeof PortalPatch>): Portal {
    const portal = portals.get(name) ?? createPortal(name);
    patchPortal(portal, patch);
    portals.set(name, portal);
    return portal;
  }

  return {
    name: 'bitrix24',
    title: 'Bitrix24',
    // The secret in the address is left out of the path, so that a wrong one is not written down either.
    locate(path) {
      const [, account = '', rest = '', , , ...method] = path.split('/');
      const name = method.join('/').replace(/\.json$/, '');
      return { account, path: rest === 'rest' ? `/${name}` : '/' };
    },
    answer(request) {
      try {
        return answer(request);
      } catch (error) {
        if (error instanceof MethodRefusal) return toAnswer(error, now);
        throw error;
      }
    },
    overloaded: () =>
      toAnswer(new MethodRefusal(503, 'QUERY_LIMIT_EXCEEDED', 'Too many requests'), now),
    broken: () =>
      toAnswer(new MethodRefusal(500, 'INTERNAL_SERVER_ERROR', 'Internal server error'), now),
    secrets: () =>
      [...portals.values()].flatMap(({ webhooks, applicationToken }) => [
        ...webhooks.keys(),
        applicationToken,
      ]),
    reset() {
      limiter.reset();
      methods.reset();
      for (const portal of portals.values()) forgetEffects(portal);
    },
    portal: findPortal,
    control({ method, segments: [name, action], body }) {
      switch (`${method} ${name === undefined ? 'all' : (action ?? 'portal')}`) {
        case 'GET all':
          return [...portals.keys()];
        case 'GET portal':
          return describe(findPortal(name ?? ''));
        case 'POST portal':
          return describe(change(name ?? '', check(PortalPatch, body)));
        case 'POST click':
          return click(findPortal(name ?? ''), check(Click, body), now);
        default:
          return undefined;
      }
    },
    panel: () => renderBitrix24([...portals.values()]),
  };
}

/** As PHP merges them: the query, then the body. */
function paramsOf({ query, body }: PeerRequest): unknown {
  const inQuery = parsePhpQuery(query.toString());
  switch (body.kind) {
    case 'json':
      return typeof body.value === 'object' ? { ...inQuery, ...body.value } : body.value;
    case 'form':
      return { ...inQuery, ...parsePhpQuery(new URLSearchParams([...body.fields]).toString()) };
    case 'none':
    case 'other':
      return inQuery;
  }
}

/** A manager clicks a number: the portal registers the call itself and tells the outbound webhook. */
async function click(
  portal: Portal,
  { phone, extension, lineNumber }: z.output<typeof Click>,
  now: Clock,
) {
  const user = portal.users.find((each) => each.extension === extension && each.active);
  if (!user)
    throw new ControlError(404, `nobody in "${portal.name}" has the extension ${extension}`);
  const callId = makeCallId(portal, now());
  portal.registered += 1;
  portal.live.set(callId, {
    callId,
    externalCallId: null,
    userId: user.id,
    phone: digitsOf(phone),
    type: 1,
    line: lineNumber || null,
    startedAt: now(),
  });
  setCard(portal, callId, user.id, true);
  if (portal.eventsUrl === null) {
    return { callId, outcomes: [{ error: 'у портала нет исходящего вебхука' }] };
  }
  const entity = portal.entities.find((each) => digitsOf(each.phone) === digitsOf(phone));
  const domain = `${portal.name}.bitrix24.example`;
  const event = {
    event: 'ONEXTERNALCALLSTART',
    'data[PHONE_NUMBER]': phone,
    'data[PHONE_NUMBER_INTERNATIONAL]': `+${digitsOf(phone)}`,
    'data[EXTENSION]': '',
    'data[USER_ID]': String(user.id),
    'data[CALL_LIST_ID]': '0',
    'data[LINE_NUMBER]': lineNumber,
    'data[IS_MOBILE]': '0',
    'data[CALL_ID]': callId,
    'data[CRM_ENTITY_TYPE]': entity?.kind ?? '',
    'data[CRM_ENTITY_ID]': String(entity?.id ?? ''),
    ts: String(Math.floor(now() / 1000)),
    'auth[domain]': domain,
    'auth[client_endpoint]': `https://${domain}/rest/`,
    'auth[server_endpoint]': 'https://oauth.bitrix.info/rest/',
    'auth[member_id]': `member-${portal.name}`,
    'auth[application_token]': portal.applicationToken,
  };
  const outcome = await callHub(portal.eventsUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(event).toString(),
  });
  return { callId, outcomes: [outcome] };
}

function describe(portal: Portal) {
  return {
    portal: portal.name,
    webhooks: [...portal.webhooks.keys()].map(maskSecret),
    counts: countEffects(portal),
    live: [...portal.live.values()],
    journal: portal.journal,
    missed: portal.missed,
    cards: [...portal.cards.values()],
    users: portal.users,
    entities: portal.entities,
    eventsUrl: portal.eventsUrl,
  };
}

function demoPortals(): Portal[] {
  return [
    createPortal('demo', {
      secret: 'demo-webhook-0367',
      applicationToken: 'demo-application-token-0367',
      users: [
        { id: 1, firstName: 'Дежурный', lastName: 'Администратор' },
        { id: 26, firstName: 'Анна', lastName: 'Ковалёва', extension: '150' },
        { id: 27, firstName: 'Борис', lastName: 'Лещук', extension: '151' },
        { id: 28, firstName: 'Вера', lastName: 'Мороз', extension: '152' },
        { id: 29, firstName: 'Глеб', lastName: 'Ушёл', extension: '159', active: false },
      ],
      entities: [
        { kind: 'CONTACT', id: 651, name: 'Иван Клиентов', phone: '+375291110001', assignedTo: 27 },
        { kind: 'COMPANY', id: 70, name: 'ООО «Заказ»', phone: '+375291110002', assignedTo: 28 },
        { kind: 'LEAD', id: 90, name: 'Пётр Ничейный', phone: '+375291110003' },
      ],
    }),
    createPortal('second', {
      secret: 'demo-webhook-0368',
      applicationToken: 'demo-application-token-0368',
      users: [{ id: 1, firstName: 'Глеб', lastName: 'Юрко', extension: '150' }],
    }),
  ];
}
