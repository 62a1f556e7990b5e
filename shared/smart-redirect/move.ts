import { setTimeout as sleep } from 'node:timers/promises';

import { readChannels, readDialplan, readEndpoint, readRedirect } from '../asterisk/answers.ts';
import { AsteriskError } from '../asterisk/asterisk-error.ts';
import type { Box } from '../asterisk/box.ts';
import * as commands from '../asterisk/commands.ts';
import type { Limit, Pool } from '../asterisk/pool.ts';
import type { SmartRedirectSettings } from './settings.schema.ts';
import { type CallName, findWaiting } from './waiting-channel.ts';

/** What the context does with a call that the manager does not take. */
type Target = 'gives back' | 'loses';

export type Moved =
  | { outcome: 'moved'; warning: string | null }
  | { outcome: 'channel_gone' | 'not_waiting' | 'manager_unreachable'; warning: null };

type Order = {
  box: Box;
  call: CallName;
  extension: commands.Extension;
  settings: SmartRedirectSettings;
  /** An event may come before the call has got to where it waits. */
  patient: boolean;
  limit: Limit;
};

type Phone = { technology: commands.Technology; registered: boolean };

const TARGET_FOR_MS = 10 * 60_000;
const LOOK_AGAIN_MS = 150;

/** Moves waiting calls to managers' phones. What a box does wrong comes as AsteriskError. */
export function createMover({ pool }: { pool: Pick<Pool, 'run' | 'warm'> }) {
  const targets = new Map<string, { target: Target; until: number }>();

  /**
   * Whether the target context is there: "successfully redirected" is printed for one that is not. Asked once per box;
   * asking it early also opens the connection while others are asked who the manager is.
   */
  async function prepare(
    box: Box,
    { target_context: context }: SmartRedirectSettings,
    limit: Limit,
  ): Promise<Target> {
    const key = `${box.enterpriseNumber} ${box.host}:${box.port} ${context}`;
    const known = targets.get(key);
    if (known && known.until > Date.now()) {
      // Nobody waits for this: when the manager is known already, he is asked about at once.
      pool.warm(box, limit).catch(ignore);
      return known.target;
    }
    const first = commands.readExtension('1');
    const text = await pool.run(box, [commands.showDialplan(first, context)], limit);
    if (readDialplan(text) !== 'exists') {
      throw new AsteriskError('command_refused', `There is no ${context},1,1 on this box`);
    }
    const target: Target = /\bDial\([\s\S]*\bGoto(If)?\(/.test(text) ? 'gives back' : 'loses';
    targets.set(key, { target, until: Date.now() + TARGET_FOR_MS });
    return target;
  }

  /** @throws AsteriskError */
  async function move(order: Order): Promise<Moved> {
    const { box, extension, settings, limit } = order;
    const target = await prepareOnce(order);
    const looked = await findCall(order);
    if ('reason' in looked) return { outcome: looked.reason, warning: null };

    const phone = await phoneOf(looked.text, order);
    if (!phone.registered && target === 'loses')
      return { outcome: 'manager_unreachable', warning: null };
    const { channel } = looked;
    const text = await pool.run(
      box,
      [
        commands.setWho(channel, phone.technology, extension),
        commands.setRingSeconds(channel, settings.ring_seconds),
        commands.redirect(channel, settings.target_context),
      ],
      limit,
    );
    switch (readRedirect(text)) {
      case 'redirected': {
        const warning = phone.registered ? null : `The phone ${extension} is not registered`;
        return { outcome: 'moved', warning };
      }
      case 'not_found':
        return { outcome: 'channel_gone', warning: null };
      case 'refused':
        throw new AsteriskError('command_refused', 'Asterisk refused the redirect');
    }
  }

  const prepareOnce = async ({ box, settings, limit }: Order): Promise<Target> => {
    const key = `${box.enterpriseNumber} ${box.host}:${box.port} ${settings.target_context}`;
    return targets.get(key)?.target ?? prepare(box, settings, limit);
  };

  /** The channel that waits, and what the box said of the manager's phone in the same breath. */
  async function findCall({ box, call, extension, settings, patient, limit }: Order) {
    for (;;) {
      const text = await pool.run(
        box,
        [commands.listChannels(), commands.showEndpoint(extension)],
        limit,
      );
      const waiting = findWaiting(readChannels(text), call, settings.wait_contexts);
      if ('channel' in waiting) return { channel: readName(waiting.channel.name), text };
      const mayCome = waiting.reason === 'not_waiting' && patient;
      if (!mayCome || Date.now() + 2 * LOOK_AGAIN_MS > limit.deadline) return waiting;
      await sleep(LOOK_AGAIN_MS);
    }
  }

  /** `text`: what the box said of the endpoint of PJSIP. */
  async function phoneOf(text: string, { box, extension, settings, limit }: Order): Promise<Phone> {
    const endpoint = readEndpoint(text);
    const isPjsip = endpoint !== undefined && endpoint.state !== 'absent';
    if (settings.technology === 'PJSIP' || (settings.technology === 'auto' && isPjsip))
      return { technology: 'PJSIP', registered: endpoint?.state === 'registered' };
    const peer = await pool.run(box, [commands.showSipPeer(extension)], limit);
    return { technology: 'SIP', registered: /^ *Addr->IP +: (?!\(null\))\S/m.test(peer) };
  }

  return { prepare, move };
}
export type Mover = ReturnType<typeof createMover>;

const ignore = (): void => {};

/** A dialled number is part of a Local channel's name, and may hold what no command of ours may. */
function readName(name: string): commands.ChannelName {
  const read = commands.ChannelName.safeParse(name);
  if (read.success) return read.data;
  throw new AsteriskError(
    'command_refused',
    'The name of the channel is not one to put in a command',
  );
}
