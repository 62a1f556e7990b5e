import * as z from 'zod';

export const MODES = [
  'hang',
  'slow',
  'error500',
  'error429',
  'html',
  'cut',
  'cut_before',
  'applied_then_hang',
] as const;
export type Mode = (typeof MODES)[number];

export const BehaveRequest = z.strictObject({
  peer: z.string(),
  /** `ok` ends every misbehaviour that matches and lets the hung requests go. */
  mode: z.enum([...MODES, 'ok']),
  /** With `ok`: this rule only. */
  id: z.int().optional(),
  /** An account, or a chat: whichever the peer has. */
  account: z.coerce.string().optional(),
  chat: z.coerce.string().optional(),
  method: z.string().toUpperCase().optional(),
  /** A regular expression over the path inside the account. */
  path: z.string().refine(isPattern, 'not a regular expression').optional(),
  times: z.int().positive().optional(),
  delay_ms: z.int().nonnegative().max(600_000).default(1_000),
  retry_after: z.int().positive().default(3),
});
type BehaveRequest = z.output<typeof BehaveRequest>;

export type Rule = Omit<BehaveRequest, 'mode' | 'id'> & { id: number; mode: Mode; taken: number };

type Target = {
  peer: string;
  account: string;
  chat?: string | undefined;
  method: string;
  path: string;
};

export type Behaviours = ReturnType<typeof createBehaviours>;

export function createBehaviours() {
  let rules: Rule[] = [];
  let nextId = 1;
  const held = new Set<{ rule: Rule; release: () => void }>();

  function release(covers: (rule: Rule) => boolean): number {
    const going = [...held].filter(({ rule }) => covers(rule));
    for (const request of going) request.release();
    return going.length;
  }

  return {
    list: () => rules.map((rule) => ({ ...rule, held: countHeld(rule) })),

    add({ mode, id, ...request }: BehaveRequest) {
      if (mode === 'ok') {
        const covers = (rule: Rule) =>
          rule.peer === request.peer &&
          (id === undefined || rule.id === id) &&
          (request.account === undefined || rule.account === request.account) &&
          (request.chat === undefined || rule.chat === request.chat) &&
          (request.path === undefined || rule.path === request.path);
        const cleared = rules.filter(covers).length;
        rules = rules.filter((rule) => !covers(rule));
        return { cleared, released: release(covers) };
      }
      const rule: Rule = { ...request, id: nextId++, mode, taken: 0 };
      rules.push(rule);
      return { rule };
    },

    /** The newest rule that covers the request; a counted rule is used up by this. */
    take(target: Target): Rule | undefined {
      const rule = rules.findLast((candidate) => covers(candidate, target));
      if (!rule) return undefined;
      rule.taken += 1;
      if (rule.times !== undefined && rule.taken >= rule.times) {
        rules = rules.filter((other) => other !== rule);
      }
      return rule;
    },

    /** Keeps a request until it is told to go, or until its client has left. */
    hold(rule: Rule, left: AbortSignal): Promise<'released' | 'left'> {
      return new Promise((resolve) => {
        const request = { rule, release: () => end('released') };
        function end(how: 'released' | 'left') {
          held.delete(request);
          resolve(how);
        }
        held.add(request);
        if (left.aborted) end('left');
        else left.addEventListener('abort', () => end('left'), { once: true });
      });
    },

    reset() {
      rules = [];
      release(() => true);
    },
  };

  function countHeld(rule: Rule): number {
    return [...held].filter((request) => request.rule === rule).length;
  }
}

function covers(rule: Rule, target: Target): boolean {
  return (
    rule.peer === target.peer &&
    (rule.account === undefined || [target.account, target.chat].includes(rule.account)) &&
    (rule.chat === undefined || rule.chat === target.chat) &&
    (rule.method === undefined || rule.method === target.method) &&
    (rule.path === undefined || new RegExp(rule.path).test(target.path))
  );
}

function isPattern(source: string): boolean {
  try {
    return Boolean(new RegExp(source));
  } catch {
    return false;
  }
}
