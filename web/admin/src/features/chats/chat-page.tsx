import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';

import { formatPhone } from '../../format/format.ts';
import { useFormat } from '../../format/use-format.ts';
import { Facts } from '../../ui/facts.tsx';
import { Icon } from '../../ui/icons.tsx';
import { Page, Panel } from '../../ui/page.tsx';
import { Loaded, LoadingState } from '../../ui/states.tsx';
import { Status } from '../../ui/status.tsx';
import { type ChatDetail, chatQuery, useLiveChats } from './api.ts';
import { ChatActions } from './chat-actions.tsx';
import { CHAT_TONES, useChatWords } from './chat-words.ts';
import { Composer } from './composer.tsx';
import { Messages } from './messages.tsx';
import { Since } from './since.tsx';

import list from '../../ui/list.module.css';
import classes from './chats.module.css';

const TYPING_MS = 4_000;

export default function ChatPage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const client = useQueryClient();
  const query = useQuery(chatQuery(id));
  const [typedAt, setTypedAt] = useState(0);
  useLiveChats((frame) => {
    if (!('chat_id' in frame) || frame.chat_id !== id) return;
    if (frame.type === 'chat_typing') setTypedAt(Date.now());
    if (frame.type !== 'chat_message') return;
    setTypedAt(0);
    // At once; the answer that is asked for afterwards says whether it was delivered and read.
    client.setQueryData(chatQuery(id).queryKey, (chat) => chat && withMessage(chat, frame.message));
  });
  const isTyping = useIsRecent(typedAt, TYPING_MS);

  return (
    <Page
      title={query.data ? t('chats.one', { number: query.data.number }) : t('chats.chat')}
      subtitle={
        <Link className={classes.back} to="/chats">
          <Icon name="back" size={14} /> {t('chats.toList')}
        </Link>
      }
      actions={query.data && <ChatActions chat={query.data} />}
    >
      <Loaded query={query} loading={<LoadingState rows={6} height={56} />}>
        {(chat) => (
          <div className={classes.chat}>
            <Panel>
              <Messages messages={chat.messages} isTyping={isTyping} />
              <Composer chat={chat} />
            </Panel>
            <div className={list.stack}>
              <Panel title={t('chats.about')}>
                <About chat={chat} />
              </Panel>
              <Panel title={t('chats.managers')}>
                <Members chat={chat} />
              </Panel>
              <Panel title={t('chats.timeline')}>
                <Timeline chat={chat} />
              </Panel>
            </div>
          </div>
        )}
      </Loaded>
    </Page>
  );
}

type Message = ChatDetail['messages'][number];

function withMessage(
  chat: ChatDetail,
  message: Omit<Message, 'delivered_at' | 'read_at'>,
): ChatDetail {
  const known = chat.messages.find(({ id }) => id === message.id);
  const shown = { delivered_at: null, read_at: null, ...known, ...message };
  return {
    ...chat,
    messages: known
      ? chat.messages.map((each) => (each.id === message.id ? shown : each))
      : [...chat.messages, shown],
  };
}

/** Whether something happened within so many milliseconds; 0 is never. */
function useIsRecent(at: number, forMs: number): boolean {
  const [over, setOver] = useState(0);
  useEffect(() => {
    const timer = setTimeout(() => setOver(at), forMs);
    return () => clearTimeout(timer);
  }, [at, forMs]);
  return at !== 0 && over !== at;
}

function About({ chat }: { chat: ChatDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useChatWords();
  const { visitor, state, rating_comment: comment } = chat;
  return (
    <Facts
      facts={[
        [
          t('chats.state'),
          <span key="" className={classes.inline}>
            <Status tone={CHAT_TONES[state]} label={t(`chats.states.${state}`)} />
            {state === 'waiting' && <Since at={chat.requested_at} isUrgent />}
          </span>,
        ],
        [t('chats.visitor'), words.visitor(chat)],
        [
          t('chats.phone'),
          visitor.phone && (
            <a href={`tel:${visitor.phone}`}>{formatPhone(visitor.phone.replaceAll(/\D/g, ''))}</a>
          ),
        ],
        [t('chats.manager'), chat.manager?.name],
        [t('chats.requested'), format.moment(chat.requested_at)],
        [t('chats.acceptedAt'), chat.accepted_at && format.moment(chat.accepted_at)],
        [t('chats.closedAt'), chat.closed_at && format.moment(chat.closed_at)],
        [t('chats.closedBy'), chat.closed_by && t(`chats.closers.${chat.closed_by}`)],
        [t('chats.rating'), [words.stars(chat.rating), comment].filter(Boolean).join(' · ')],
        [
          t('chats.page'),
          <span key="" className={classes.address}>
            {visitor.page}
          </span>,
        ],
        ...(chat.question ? ([[t('chats.question'), chat.question]] as [string, string][]) : []),
      ]}
    />
  );
}

function Members({ chat: { managers } }: { chat: ChatDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (managers.length === 0) return <p className={classes.nobody}>{t('chats.nobodyYet')}</p>;
  return (
    <ul className={list.plain}>
      {managers.map(({ id, name, role, joined_at: joined, left_at: left }) => (
        <li key={`${id}${joined}`} className={classes.item}>
          <span>
            {name} <span className={list.dim}>{t(`chats.roles.${role}`)}</span>
          </span>
          <span className={list.dim}>
            {format.moment(joined)}
            {left && ` – ${format.moment(left)}`}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Timeline({ chat: { timeline } }: { chat: ChatDetail }) {
  const format = useFormat();
  const words = useChatWords();
  return (
    <ol className={classes.timeline}>
      {timeline.map(({ at, kind, manager }, place) => (
        <li key={`${at}${place}`}>
          <time dateTime={at} className={list.dim}>
            {format.moment(at)}
          </time>
          <span>
            {words.happening(kind)}
            {manager && <span className={list.dim}> · {manager.name}</span>}
          </span>
        </li>
      ))}
    </ol>
  );
}
