import type { Mode } from './behaviour.ts';
import type { Answer, Clock } from './peer.ts';

export type Received = {
  sequence: number;
  time: string;
  peer: string;
  account: string;
  chat?: string | undefined;
  method: string;
  path: string;
  query: Record<string, string>;
  body: unknown;
  /** `pending` while nobody has decided: hung, delayed, or still being worked on. */
  verdict: 'pending' | 'accepted' | 'refused';
  reason?: string | undefined;
  warnings?: string[] | undefined;
  /** The misbehaviour that was in force for this request. */
  behaviour?: Mode | undefined;
  /** Whether the peer did what it was asked, whatever the client saw of it. */
  applied: boolean;
  /** What the client saw; null when it saw nothing. */
  status: number | null;
  answer: unknown;
  ms: number | null;
};

type Arrival = Pick<Received, 'peer' | 'account' | 'chat' | 'method' | 'path' | 'query' | 'body'>;

const KEPT = 20_000;
const SECRET_FIELDS = new Set(['apiKey', 'secret_token', 'access_token', 'clientId', 'client_id']);

export type Journal = ReturnType<typeof createJournal>;

/** Everything the peers received, in order of arrival, without its secrets. */
export function createJournal({ now, secrets }: { now: Clock; secrets: () => string[] }) {
  let entries: Received[] = [];
  let sequence = 0;
  let revision = 0;

  return {
    arrive(arrival: Arrival): Received {
      const hidden = secrets();
      const entry: Received = {
        sequence: ++sequence,
        time: new Date(now()).toISOString(),
        ...arrival,
        path: maskText(arrival.path, hidden),
        query: maskFields(arrival.query, hidden),
        body: mask(arrival.body, hidden),
        verdict: 'pending',
        applied: false,
        status: null,
        answer: null,
        ms: null,
      };
      revision += 1;
      entries.push(entry);
      // Cut in slices: shifting one by one would copy the array at every request.
      if (entries.length > KEPT * 1.1) entries = entries.slice(-KEPT);
      return entry;
    },
    judge(entry: Received, answer: Answer, { applied }: { applied: boolean }) {
      revision += 1;
      entry.verdict = answer.refused === undefined ? 'accepted' : 'refused';
      entry.reason = answer.refused;
      entry.warnings = answer.warnings?.length ? answer.warnings : undefined;
      entry.applied = applied && answer.refused === undefined;
    },
    close(entry: Received, { answer, ms }: { answer?: Answer | undefined; ms: number }) {
      revision += 1;
      entry.ms = ms;
      if (!answer) return;
      entry.status = answer.status;
      entry.answer = mask(answer.body, secrets());
    },
    list({ peer, since = 0, limit = 1_000 }: { peer?: string; since?: number; limit?: number }) {
      const wanted = entries.filter(
        (entry) => entry.sequence > since && (peer === undefined || entry.peer === peer),
      );
      return wanted.slice(0, limit);
    },
    newest(wanted: (entry: Received) => boolean, limit: number): Received[] {
      return entries.filter(wanted).slice(-limit).toReversed();
    },
    /** Something beside the requests has changed: whoever watches should look again. */
    touch() {
      revision += 1;
    },
    position: () => ({ last: sequence, revision }),
    /** The sequence goes on: a reader that remembers a position never reads two worlds as one. */
    reset() {
      entries = [];
      revision += 1;
    },
  };
}

/** `••••0367`: enough to recognise, too little to use. */
export function maskSecret(secret: string): string {
  return `••••${secret.slice(-4)}`;
}

function maskText(text: string, secrets: string[]): string {
  return secrets.reduce((masked, secret) => masked.replaceAll(secret, maskSecret(secret)), text);
}

function maskFields<Value>(fields: Record<string, Value>, secrets: string[]) {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      SECRET_FIELDS.has(name) && typeof value === 'string'
        ? maskSecret(value)
        : mask(value, secrets),
    ]),
  ) as Record<string, Value>;
}

function mask(value: unknown, secrets: string[]): unknown {
  if (typeof value === 'string') return maskText(value, secrets);
  if (Array.isArray(value)) return value.map((item) => mask(item, secrets));
  if (value !== null && typeof value === 'object') return maskFields({ ...value }, secrets);
  return value;
}
