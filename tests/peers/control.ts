import * as z from 'zod';

import { type Behaviours, BehaveRequest } from './behaviour.ts';
import type { Journal } from './journal.ts';
import { ControlError, type Peer } from './peer.ts';

const ReceivedQuery = z.object({
  peer: z.string().optional(),
  since: z.coerce.number().int().nonnegative().default(0),
  limit: z.coerce.number().int().nonnegative().default(1_000),
});
const ResetRequest = z.strictObject({ peer: z.string().optional() }).default({});

type Request = { method: string; segments: string[]; query: URLSearchParams; raw: Buffer };

/** `/control/…`: JSON in, JSON out, for tests, for `npm run call` and for a person with curl. */
export function createControl({
  peers,
  journal,
  behaviours,
}: {
  peers: Peer[];
  journal: Journal;
  behaviours: Behaviours;
}) {
  return async ({ method, segments, query, raw }: Request): Promise<unknown> => {
    const [name = ''] = segments;
    const body = parse(raw);
    if (method !== 'GET') journal.touch();
    switch (`${method} ${name}`) {
      case 'GET health':
        return { ok: true, peers: peers.map((peer) => peer.name), ...journal.position() };
      case 'GET received': {
        const { peer, ...range } = check(ReceivedQuery, Object.fromEntries(query));
        const received = journal.list({ ...range, ...(peer && { peer }) });
        return { ...journal.position(), received };
      }
      case 'GET behave':
        return { rules: behaviours.list() };
      case 'POST behave': {
        const wanted = check(BehaveRequest, body);
        if (findPeer(wanted.peer).speaksHttp === false)
          throw new ControlError(400, `"${wanted.peer}" misbehaves by /control/${wanted.peer}/…`);
        return behaviours.add(wanted);
      }
      case 'POST reset': {
        const { peer } = check(ResetRequest, body);
        if (peer === undefined) {
          journal.reset();
          behaviours.reset();
        }
        for (const each of peer === undefined ? peers : [findPeer(peer)]) each.reset();
        return { ok: true, ...journal.position() };
      }
    }
    const answer = await findPeer(name).control({
      method,
      segments: segments.slice(1),
      query,
      body,
    });
    if (answer === undefined) {
      throw new ControlError(404, `no ${method} /control/${segments.join('/')}`);
    }
    return answer;
  };

  function findPeer(name: string): Peer {
    const peer = peers.find((candidate) => candidate.name === name);
    if (peer) return peer;
    const known = peers.map((each) => each.name).join(', ');
    throw new ControlError(404, `no peer "${name}"; there are ${known}`);
  }
}

/** Parses what a user of the control API sent, naming the fields that are wrong. */
export function check<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new ControlError(400, z.prettifyError(result.error));
}

function parse(raw: Buffer): unknown {
  if (raw.length === 0) return undefined;
  try {
    return JSON.parse(raw.toString('utf8'));
  } catch {
    throw new ControlError(400, 'the body is not JSON');
  }
}
