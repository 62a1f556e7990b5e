import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import type { SupportChat } from '../../../../../shared/managers/api.schema.ts';
import { formatPhone } from '../../format/format.ts';
import { useFormat } from '../../format/use-format.ts';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import type { Paged } from '../../ui/paged.ts';
import { Status } from '../../ui/status.tsx';
import { CHAT_TONES, useChatWords } from './chat-words.ts';
import { Since } from './since.tsx';

import list from '../../ui/list.module.css';

type TableProps = {
  kind: 'waiting' | 'active' | 'closed';
  rows: Paged<SupportChat>;
  empty: ReactNode;
};

export function ChatTable({ kind, rows, empty }: TableProps) {
  const { t } = useTranslation();
  const words = useChatWords();
  return (
    <DataTable
      label={t('chats.title')}
      rows={rows}
      rowKey={({ id }) => id}
      columns={useColumns(kind)}
      to={({ id }) => `/chats/${id}`}
      empty={empty}
      narrowHeight={76}
      height="max(20rem, calc(100dvh - 14rem))"
      narrow={(chat) => (
        <span className={list.lines}>
          <span className={list.line}>
            <strong>{words.visitor(chat)}</strong>
            <When chat={chat} kind={kind} />
          </span>
          <span className={list.line}>
            <span className={list.dim}>{chat.last_message ?? chat.question ?? '—'}</span>
            <span className={list.dim}>{chat.manager?.name ?? ''}</span>
          </span>
        </span>
      )}
    />
  );
}

function When({ chat, kind }: { chat: SupportChat; kind: TableProps['kind'] }) {
  const format = useFormat();
  if (kind === 'waiting') return <Since at={chat.requested_at} isUrgent />;
  const at = kind === 'active' ? chat.last_activity_at : chat.requested_at;
  return <time dateTime={at}>{format.moment(at)}</time>;
}

function useColumns(kind: TableProps['kind']): Column<SupportChat>[] {
  const { t } = useTranslation();
  const words = useChatWords();
  const who: Column<SupportChat>[] = [
    {
      key: 'number',
      title: '№',
      width: '3.500rem',
      render: ({ number }) => number,
    },
    {
      key: 'visitor',
      title: t('chats.visitor'),
      width: 'minmax(9rem, 1fr)',
      render: (chat) => <strong>{words.visitor(chat)}</strong>,
    },
    {
      key: 'phone',
      title: t('chats.phone'),
      width: 'minmax(9rem, 0.800fr)',
      render: ({ visitor: { phone } }) => (phone ? formatPhone(phone.replaceAll(/\D/g, '')) : '—'),
    },
    {
      key: 'last',
      title: t('chats.lastMessage'),
      width: 'minmax(10rem, 2fr)',
      render: ({ last_message: last, question }) => (
        <span title={last ?? question ?? ''}>{last ?? question ?? '—'}</span>
      ),
    },
  ];
  const manager: Column<SupportChat> = {
    key: 'manager',
    title: t('chats.manager'),
    width: 'minmax(7rem, 0.800fr)',
    render: (chat) => chat.manager?.name ?? '—',
  };
  const state: Column<SupportChat> = {
    key: 'state',
    title: t('chats.state'),
    width: 'minmax(7rem, 0.700fr)',
    render: (chat) => (
      <Status tone={CHAT_TONES[chat.state]} label={t(`chats.states.${chat.state}`)} />
    ),
  };
  const when: Column<SupportChat> = {
    key: 'when',
    title: t(`chats.whens.${kind}`),
    width: 'minmax(8rem, 0.700fr)',
    align: 'end',
    render: (chat) => <When chat={chat} kind={kind} />,
  };
  if (kind === 'waiting') return [...who, when];
  if (kind === 'active') return [...who, manager, when];
  const rating: Column<SupportChat> = {
    key: 'rating',
    title: t('chats.rating'),
    width: '5rem',
    align: 'end',
    render: (chat) => words.stars(chat.rating),
  };
  return [...who, manager, state, rating, when];
}
