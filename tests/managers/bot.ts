import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';

import type { Pool } from '../../shared/db.ts';
import { type Peers, startPeers } from '../peers/server.ts';
import { createWorld, type World } from './world.ts';

export const STRANGER = 700_499;

/** The managers' side with the simulated Telegram; everything anew for each test. */
export function useBot({ db, url }: { readonly db: Pool; readonly url: string }) {
  let peers: Peers;
  let skipped = 0;
  let world: World;
  const rings: string[] = [];

  beforeAll(async () => {
    peers = await startPeers({ port: 0, now: () => Date.now() + skipped });
    peers.telegram.state.patchChat({ id: STRANGER, type: 'private', title: 'Чужой' });
  });
  afterAll(() => peers.close());
  beforeEach(() => {
    rings.length = 0;
    world = createWorld(db, {
      url,
      peers,
      pass: (ms) => void (skipped += ms),
      async originate({ extension, phone }) {
        rings.push(`${extension} ${phone}`);
        const placed = { placed: true, originateId: '', host: '', responseTimeMs: 1 } as const;
        return { ...placed, extension, phone, warning: null };
      },
    });
  });
  afterEach(async () => {
    await world.stop();
    await db`truncate managers, chat_sessions, support_chats, manager_notices, telegram_updates, rate_buckets cascade`;
    peers.telegram.reset();
  });

  return {
    get world() {
      return world;
    },
    get peers() {
      return peers;
    },
    /** Moves the clock of Telegram. */
    pass: (ms: number) => void (skipped += ms),
    /** Calls that managers asked for. */
    rings,

    async onShift(...people: number[]): Promise<void> {
      for (const person of people) {
        await world.say(person, '/start');
        await world.say(person, '/online');
      }
    },

    /** A chat that this manager has accepted. */
    async accepted(manager: number, visitor = { name: 'Анна', phone: '+375 29 111-00-01' }) {
      const sessionId = await world.visitor();
      await world.write(sessionId, 'Где мой заказ?');
      await world.askForHuman(sessionId, visitor);
      await world.press(manager, 'Принять чат');
      return sessionId;
    },

    /** The last that the bot has said, marks aside. */
    last: (person: number): string =>
      world
        .texts(person)
        .filter((text) => !text.startsWith('✓'))
        .at(-1) ?? '',
  };
}
