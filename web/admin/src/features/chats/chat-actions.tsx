import { Button, NativeSelect } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { assignChat, closeChat } from '../../../../../shared/managers/api.schema.ts';
import { ask } from '../../api/api-client.ts';
import { useConfirm } from '../../ui/confirm.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { toast } from '../../ui/toasts.ts';
import { type ChatDetail, chatsKey, managersQuery } from './api.ts';

/** Gives the chat to somebody, or ends it. */
export function ChatActions({ chat }: { chat: ChatDetail }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const confirm = useConfirm();
  const client = useQueryClient();
  const { data: managers } = useQuery(managersQuery);
  const params = { id: chat.id };
  const outcome = {
    onError: (error: Error) => toast.error(errorText(error)),
    onSettled: () => client.invalidateQueries({ queryKey: chatsKey() }),
  };
  const assign = useMutation({
    mutationFn: (managerId: string) => ask(assignChat, { params, body: { manager_id: managerId } }),
    ...outcome,
  });
  const close = useMutation({ mutationFn: () => ask(closeChat, { params }), ...outcome });
  if (chat.state === 'closed') return null;

  const askAndAssign = async (id: string, name: string): Promise<void> => {
    const isSure = await confirm({
      title: t('chats.assignTitle', { name }),
      text: chat.manager
        ? t('chats.assignFrom', { name: chat.manager.name })
        : t('chats.assignText'),
      action: t('chats.assignAction'),
    });
    if (isSure) assign.mutate(id);
  };
  const askAndClose = async (): Promise<void> => {
    const isSure = await confirm({
      title: t('chats.closeTitle'),
      text: t('chats.closeText'),
      action: t('chats.close'),
      danger: true,
    });
    if (isSure) close.mutate();
  };
  const others = (managers ?? []).filter((each) => each.telegram_id !== chat.manager?.id);
  return (
    <>
      <NativeSelect
        aria-label={t('chats.assign')}
        disabled={assign.isPending || others.length === 0}
        value=""
        data={[
          { value: '', label: t('chats.assign') },
          ...others.map(({ telegram_id: value, name, status, open_chats: open }) => ({
            value,
            label: `${name} · ${t(`chats.statuses.${status}`)} · ${open}`,
          })),
        ]}
        onChange={(event) => {
          const chosen = others.find((each) => each.telegram_id === event.currentTarget.value);
          if (chosen) void askAndAssign(chosen.telegram_id, chosen.name);
        }}
      />
      <Button variant="default" loading={close.isPending} onClick={() => void askAndClose()}>
        {t('chats.close')}
      </Button>
    </>
  );
}
