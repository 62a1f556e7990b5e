import { setTimeout as sleep } from 'node:timers/promises';

import type { VisitorServerFrame } from './visitor.schema.ts';

type Hearers = { isAis: boolean; connectionIds: string[] };
type Options = {
  id: string;
  /** Whether the answer is still wanted, and who is watching it grow. */
  look: () => Promise<Hearers>;
  send: (connectionId: string, frame: VisitorServerFrame) => Promise<unknown>;
  /** Called once when it is wanted no more. */
  onUnwanted: () => void;
};

/** How often what was written meanwhile is shown: faster than one reads, slower than a model writes. */
const EVERY_MS = 150;
const TYPING_EVERY_MS = 4_000;
/** The database did not say: whether the answer is wanted is asked again when it is saved. */
const UNKNOWN: Hearers = { isAis: true, connectionIds: [] };

/**
 * An answer while it is being written. Everybody who watches gets what they do not have yet; who comes in the middle
 * gets it from the beginning.
 */
export function createDraft({ id, look, send, onUnwanted }: Options) {
  const shown = new Map<string, number>();
  let text = '';
  let typingAt = 0;
  const stopping = new AbortController();
  const showing = keepShowing();

  async function keepShowing(): Promise<void> {
    while (!stopping.signal.aborted) {
      const { isAis, connectionIds } = await look().catch(() => UNKNOWN);
      if (!isAis) return onUnwanted();
      await Promise.all(connectionIds.map((connection) => show(connection)));
      if (text === '' && Date.now() - typingAt > TYPING_EVERY_MS) {
        typingAt = Date.now();
        await Promise.all(
          connectionIds.map((connection) => send(connection, { type: 'typing', who: 'ai' })),
        );
      }
      await sleep(EVERY_MS, undefined, { signal: stopping.signal }).catch(() => {});
    }
  }

  async function show(connection: string): Promise<void> {
    const offset = shown.get(connection) ?? 0;
    const delta = text.slice(offset);
    if (delta === '') return;
    shown.set(connection, offset + delta.length);
    await send(connection, { type: 'ai_message', draft_id: id, offset, delta });
  }

  return {
    add(piece: string): void {
      text += piece;
    },
    text: (): string => text,
    /** Nothing is shown after this. */
    async stop(): Promise<void> {
      stopping.abort();
      await showing;
    },
    /** Takes it off every screen it is on. */
    async discard(): Promise<void> {
      const empty = { type: 'ai_message', draft_id: id, offset: 0, delta: '' } as const;
      await Promise.all([...shown.keys()].map((connection) => send(connection, empty)));
    },
  };
}
