import { createHash } from 'node:crypto';

import { hasEnded } from '../calls/call.ts';
import { keepWriting, type Pool } from '../db.ts';
import { ComeBackLater } from '../errors.ts';
import { log } from '../lambda/log.ts';
import { report } from '../lambda/report.ts';
import type { SecretBox } from '../secrets.ts';
import type { BotOutcome, TelegramBot } from './bot.ts';
import { type BudgetOf, pauseChat, takeBudget, type Urgency } from './budget.ts';
import type { TelegramMessage } from './messages.ts';
import {
  forgetMessage,
  listUntoldCalls,
  loadShownCall,
  markCallShown,
  moveChat,
  pauseTelegram,
  saveMessage,
  type ShownCall,
} from './notify.sql.ts';
import { buttonsOf, escapeHtml, renderCall, renderSummary } from './render.ts';

type Dependencies = {
  db: Pool;
  secrets: SecretBox;
  bot: (token: string) => TelegramBot;
  /** The operator's own bot, for alerts. */
  operatorToken: string | undefined;
  alert: (key: string, text: string) => Promise<void>;
  /** Links in messages begin with it. */
  publicUrl: string;
  /** For tests: the time that budgets and ages are reckoned with. */
  clock?: () => Date;
};

type CallOrText = Extract<TelegramMessage, { kind: 'call' | 'text' }>;
type Target = BudgetOf & { call: ShownCall; bot: TelegramBot };

const OPERATOR_RETRY_SECONDS = 60;
/** Answered calls that nobody was told of for so long go into one message. */
const SUMMARY_AFTER_MS = 10 * 60_000;
const SUMMARY_OF = 30;

/**
 * Makes Telegram show what is true now: one message per call, edited as the call moves. However many changes wait,
 * the present one is shown; the same text is not sent twice. Never sleeps: ComeBackLater when the chat's budget or
 * Telegram says so. When Telegram is down the call stays behind and the sweeper brings it back.
 */
export function createNotifier(dependencies: Dependencies) {
  const { db, secrets } = dependencies;

  return async function notify(message: CallOrText): Promise<void> {
    if (message.kind === 'text') return tellOperator(message, dependencies);
    const call = await loadShownCall(db, message.callId);
    if (!call) return;
    const { chatId, botToken } = call;
    if (!chatId || !botToken || call.pausedReason) return markCallShown(db, call);
    const token = secrets.open(botToken);
    const at = dependencies.clock?.();
    const bot = dependencies.bot(token);
    return show({ call, chatId, botId: botIdOf(token), bot, at }, dependencies);
  };
}

async function show(target: Target, dependencies: Dependencies): Promise<void> {
  const { db } = dependencies;
  const { call, chatId, bot } = target;
  const text = call.merged ? undefined : renderCall(call, dependencies.publicUrl);
  const { messageId } = call;
  if (text === undefined) {
    if (call.merged && messageId !== null) await bot.delete(chatId, messageId);
    return markCallShown(db, call);
  }
  const message = { text, buttons: buttonsOf(call) };
  const textHash = createHash('sha256').update(JSON.stringify(message)).digest('base64url');
  if (textHash === call.textHash) return markCallShown(db, call);

  const urgency = urgencyOf(call);
  const wait = await takeBudget(db, target, urgency);
  if (wait > 0 && urgency === 'end') {
    throw new ComeBackLater(wait, 'the budget of the chat is used up');
  }
  if (wait > 0) return; // what follows will show it, or the sweeper when nothing follows

  if (isOverdue(target)) return summarise(target, dependencies);
  const outcome =
    messageId === null
      ? await bot.send(chatId, message)
      : await bot.edit(chatId, messageId, message);
  if (outcome.kind === 'done' || outcome.kind === 'unchanged') {
    const shownAs = outcome.kind === 'done' ? outcome.messageId : (messageId ?? 0);
    const { id: callId, version } = call;
    return keepWriting(() =>
      saveMessage(db, { callId, chatId, messageId: shownAs, textHash, version }),
    );
  }
  return followRefusal(outcome, target, dependencies);
}

function isOverdue({ call, at = new Date() }: Target): boolean {
  const { status, messageId, endedAt } = call;
  if (status !== 'answered' || messageId !== null || !endedAt) return false;
  return at.getTime() - endedAt.getTime() > SUMMARY_AFTER_MS;
}

/** The chat's budget did not last for every answered call: what is left goes into one message. */
async function summarise(target: Target, dependencies: Dependencies): Promise<void> {
  const { db } = dependencies;
  const { call, chatId, bot, at = new Date() } = target;
  const { enterpriseNumber } = call;
  const endedBefore = new Date(at.getTime() - SUMMARY_AFTER_MS);
  const calls = await listUntoldCalls(db, { enterpriseNumber, endedBefore, limit: SUMMARY_OF });
  if (calls.length === 0) return;
  const outcome = await bot.send(chatId, { text: renderSummary(calls, call) });
  if (outcome.kind !== 'done') return followRefusal(outcome, target, dependencies);
  for (const told of calls) await keepWriting(() => markCallShown(db, told));
}

type Refusal = Exclude<BotOutcome, { kind: 'done' }>;

async function followRefusal(
  outcome: Refusal,
  target: Target,
  { db, alert }: Dependencies,
): Promise<void> {
  const { call, chatId } = target;
  const { id: callId, enterpriseNumber } = call;
  switch (outcome.kind) {
    case 'unchanged':
      return markCallShown(db, call);
    case 'gone':
      await forgetMessage(db, callId, chatId);
      throw new ComeBackLater(0, 'the message was deleted by hand');
    case 'too_fast':
      await pauseChat(db, target, outcome.seconds);
      throw new ComeBackLater(outcome.seconds, 'Telegram asks to wait');
    case 'moved':
      await moveChat(db, { enterpriseNumber, from: chatId, to: outcome.chatId });
      throw new ComeBackLater(0, 'the group became a supergroup');
    case 'refused':
      if (await pauseTelegram(db, enterpriseNumber, outcome.problem)) {
        const text = `⛔ ${enterpriseNumber}: Telegram: ${outcome.problem}`;
        await alert(`telegram-paused:${enterpriseNumber}:${callId}`, text);
      }
      return markCallShown(db, call);
    case 'invalid':
      await report('Telegram refuses a message of ours', new Error(outcome.problem), { callId });
      return markCallShown(db, call);
    case 'down':
      log.warn('Telegram is down, the sweeper brings the call back', { callId });
  }
}

async function tellOperator(
  { chatId, text }: Extract<TelegramMessage, { kind: 'text' }>,
  { db, bot, operatorToken }: Dependencies,
): Promise<void> {
  if (!operatorToken) return log.warn('an alert has nowhere to go: TELEGRAM_BOT_TOKEN is not set');
  const wait = await takeBudget(db, { botId: botIdOf(operatorToken), chatId }, 'end');
  if (wait > 0) throw new ComeBackLater(wait, 'the budget of the chat is used up');
  const message = { text: escapeHtml(text) };
  let outcome = await bot(operatorToken).send(chatId, message);
  if (outcome.kind === 'moved') {
    // The old id is refused for ever; until somebody sets the new one every alert takes this way round.
    log.error('the operator’s group has another id now: set OPERATOR_CHAT_ID', {
      chatId: outcome.chatId,
    });
    outcome = await bot(operatorToken).send(outcome.chatId, message);
  }
  if (outcome.kind === 'too_fast')
    throw new ComeBackLater(outcome.seconds, 'Telegram asks to wait');
  if (outcome.kind === 'down') throw new ComeBackLater(OPERATOR_RETRY_SECONDS, outcome.problem);
  if (outcome.kind === 'refused' || outcome.kind === 'invalid')
    await report('the operator cannot be told', new Error(outcome.problem));
}

function urgencyOf({ status, messageId }: ShownCall): Urgency {
  if (hasEnded(status)) return 'end';
  return messageId === null ? 'first' : 'change';
}

const botIdOf = (token: string) => token.split(':')[0] ?? '';
