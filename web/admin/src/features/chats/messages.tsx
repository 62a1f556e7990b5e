import { useLayoutEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { useFormat } from '../../format/use-format.ts';
import { Icon } from '../../ui/icons.tsx';
import { EmptyState } from '../../ui/states.tsx';
import type { ChatDetail } from './api.ts';

import classes from './chats.module.css';

type Message = ChatDetail['messages'][number];

/** What was said, newest at the bottom. It stays at the bottom unless somebody has scrolled up to read. */
export function Messages({ messages, isTyping }: { messages: Message[]; isTyping: boolean }) {
  const { t } = useTranslation();
  const list = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const last = messages.at(-1)?.id;
  useLayoutEffect(() => {
    if (isAtEnd.current) list.current?.scrollTo(0, list.current.scrollHeight);
  }, [last]);
  return (
    <>
      {/* It scrolls, so the keyboard must reach it. */}
      {/* eslint-disable jsx-a11y/no-noninteractive-tabindex, jsx-a11y/no-noninteractive-element-interactions */}
      <div
        ref={list}
        className={classes.messages}
        role="log"
        aria-label={t('chats.conversation')}
        tabIndex={0}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          isAtEnd.current = scrollHeight - scrollTop - clientHeight < 40;
        }}
      >
        {messages.length === 0 && <EmptyState icon="chats" title={t('chats.noMessages')} />}
        {messages.map((message) => (
          <Bubble key={message.id} message={message} />
        ))}
      </div>
      {/* eslint-enable jsx-a11y/no-noninteractive-tabindex, jsx-a11y/no-noninteractive-element-interactions */}
      <p className={classes.typing} role="status">
        {isTyping ? t('chats.typing') : ''}
      </p>
    </>
  );
}

function Bubble({ message }: { message: Message }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { sender, text, attachment, created_at: at, edited_at: edited } = message;
  const name = message.manager_name ?? t(`chats.senders.${sender}`);
  return (
    <article className={classes.bubble} data-sender={sender} aria-label={name}>
      {sender !== 'system' && <span className={classes.sender}>{name}</span>}
      {text && <span className={classes.text}>{text}</span>}
      {attachment && (
        <a className={classes.file} href={attachment.url} target="_blank" rel="noreferrer">
          <Icon name="download" size={14} /> {attachment.name} · {format.bytes(attachment.size)}
        </a>
      )}
      <span className={classes.mark}>
        {edited && `${t('chats.edited')} · `}
        <time dateTime={at}>{format.moment(at)}</time>
        {sender === 'manager' && <Receipt message={message} />}
      </span>
    </article>
  );
}

function Receipt({ message: { delivered_at: delivered, read_at: read } }: { message: Message }) {
  const { t } = useTranslation();
  const word = read ? t('chats.read') : delivered ? t('chats.delivered') : t('chats.stored');
  return (
    <span title={word} aria-label={word} role="img">
      {' '}
      {delivered || read ? '✓✓' : '✓'}
    </span>
  );
}
