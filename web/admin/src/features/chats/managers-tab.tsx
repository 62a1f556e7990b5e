import { Button, Menu } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type ManagerItem, patchManagerById } from '../../../../../shared/managers/api.schema.ts';
import { ask } from '../../api/api-client.ts';
import { useFormat } from '../../format/use-format.ts';
import { useConfirm } from '../../ui/confirm.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Icon } from '../../ui/icons.tsx';
import { Panel } from '../../ui/page.tsx';
import { EmptyState, Loaded } from '../../ui/states.tsx';
import { Status } from '../../ui/status.tsx';
import { toast } from '../../ui/toasts.ts';
import { chatsKey, managersQuery } from './api.ts';
import { MANAGER_TONES } from './chat-words.ts';
import { ManagerDialog } from './manager-dialog.tsx';

import list from '../../ui/list.module.css';
import classes from './chats.module.css';

export default function ManagersTab() {
  const { t } = useTranslation();
  const query = useQuery(managersQuery);
  const [edited, setEdited] = useState<ManagerItem | 'new'>();
  return (
    <Panel
      title={t('chats.tabs.managers')}
      actions={
        <Button
          size="sm"
          leftSection={<Icon name="plus" size={16} />}
          onClick={() => setEdited('new')}
        >
          {t('chats.addManager')}
        </Button>
      }
    >
      <Loaded query={query}>
        {(managers) =>
          managers.length === 0 ? (
            <EmptyState
              icon="users"
              title={t('chats.noManagers')}
              text={t('chats.noManagersText')}
            />
          ) : (
            <ul className={list.plain}>
              {managers.map((manager) => (
                <Manager
                  key={manager.telegram_id}
                  manager={manager}
                  onEdit={() => setEdited(manager)}
                />
              ))}
            </ul>
          )
        }
      </Loaded>
      <ManagerDialog edited={edited} onClose={() => setEdited(undefined)} />
    </Panel>
  );
}

type Change = 'offline' | 'paused' | 'removed';

function Manager({ manager, onEdit }: { manager: ManagerItem; onEdit: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const confirm = useConfirm();
  const client = useQueryClient();
  const { telegram_id: id, name, status, open_chats: open, max_active_chats: most } = manager;
  const change = useMutation({
    mutationFn: (next: Change) => ask(patchManagerById, { params: { id }, body: { status: next } }),
    onError: (error) => toast.error(errorText(error)),
    onSettled: () => client.invalidateQueries({ queryKey: chatsKey() }),
  });
  const askAndChange = async (next: Change): Promise<void> => {
    const isSure = await confirm({
      title: t(`chats.changes.${next}`, { name }),
      text: open > 0 ? t('chats.passedOn', { count: open }) : t('chats.nothingOpen'),
      action: t(`chats.actions.${next}`),
      danger: next === 'removed',
    });
    if (isSure) change.mutate(next);
  };
  return (
    <li className={classes.manager}>
      <span className={classes.managerName}>
        <strong>{name}</strong>
        <span className={list.dim}>
          {[
            `Telegram ${id}`,
            manager.extension && t('chats.extensionOf', { extension: manager.extension }),
            manager.is_admin && t('chats.isAdmin'),
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
      </span>
      <span className={classes.managerShift}>
        <Status tone={MANAGER_TONES[status]} label={t(`chats.statuses.${status}`)} />
        {manager.shift_started_at && (
          <span className={list.dim}>
            {t('chats.shiftSince', { at: format.moment(manager.shift_started_at) })}
          </span>
        )}
      </span>
      <span className={classes.managerLoad}>{t('chats.load', { open, most })}</span>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <Button
            variant="default"
            size="sm"
            loading={change.isPending}
            aria-label={`${t('chats.change')}: ${name}`}
          >
            {t('chats.change')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={onEdit}>{t('chats.edit')}</Menu.Item>
          {status !== 'offline' && (
            <Menu.Item onClick={() => void askAndChange('offline')}>
              {t('chats.actions.offline')}
            </Menu.Item>
          )}
          {status !== 'paused' && (
            <Menu.Item onClick={() => void askAndChange('paused')}>
              {t('chats.actions.paused')}
            </Menu.Item>
          )}
          <Menu.Item color="red" onClick={() => void askAndChange('removed')}>
            {t('chats.actions.removed')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </li>
  );
}
