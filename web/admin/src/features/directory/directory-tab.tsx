import { Button, Group } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { formatPhone } from '../../format/format.ts';
import { useConfirm } from '../../ui/confirm.tsx';
import { type Column, DataTable } from '../../ui/data-table.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { FilterBar, TextFilter } from '../../ui/filters.tsx';
import { Icon } from '../../ui/icons.tsx';
import { Panel } from '../../ui/page.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { toast } from '../../ui/toasts.ts';
import { changeDirectory, directoryQuery } from './api.ts';
import { type Entry, FIELDS, type Kind, LABELS, without } from './entries.ts';
import { EntryDialog } from './entry-dialog.tsx';
import { PasteDialog } from './paste-dialog.tsx';

import list from '../../ui/list.module.css';

type TabProps = { number: string; kind: Kind };

/** Names by number: who rings, and which line it is. Telegram, the CRMs and these pages show them. */
export default function DirectoryTab({ number, kind }: TabProps) {
  const { t } = useTranslation();
  const { data, isPending, error, refetch } = useQuery(directoryQuery(number, kind));
  const [search, setSearch] = useState('');
  const [edited, setEdited] = useState<Entry | 'new'>();
  const [isPasting, setIsPasting] = useState(false);
  const remove = useRemove({ number, kind });
  const items = (data ?? []).filter((entry) => isFound(entry, search));

  const columns: Column<Entry>[] = [
    ...FIELDS[kind].map((field) => ({
      key: field,
      title: t(LABELS[kind][field]),
      width: field === 'name' ? 'minmax(10rem, 2fr)' : 'minmax(7rem, 1fr)',
      render: (entry: Entry) => shown(entry, field),
    })),
    {
      key: 'actions',
      title: '',
      width: '13rem',
      align: 'end' as const,
      control: true,
      render: (entry) => (
        <Actions
          entry={entry}
          onEdit={() => setEdited(entry)}
          onRemove={() => void remove(entry)}
        />
      ),
    },
  ];

  return (
    <Panel padded={false}>
      <div className={list.filters}>
        <Group justify="space-between" align="flex-end" gap="sm">
          <FilterBar onReset={undefined}>
            <TextFilter
              label={t('directory.search')}
              value={search}
              onChange={(value) => setSearch(value ?? '')}
            />
          </FilterBar>
          <Group gap="xs">
            <Button variant="default" onClick={() => setIsPasting(true)}>
              {t('directory.paste')}
            </Button>
            <Button leftSection={<Icon name="plus" size={16} />} onClick={() => setEdited('new')}>
              {t('directory.add')}
            </Button>
          </Group>
        </Group>
      </div>
      <DataTable
        label={t(`directory.${kind}.title`)}
        rows={{ ...WHOLE, items, isPending, error, refetch: () => void refetch() }}
        rowKey={(entry) => entry.number}
        columns={columns}
        narrow={(entry) => (
          <span className={list.lines}>
            <span className={list.line}>
              <strong>{entry.name || '—'}</strong>
              <span>{entry.number}</span>
            </span>
            <span className={list.line}>
              <span className={list.dim}>{shown(entry, 'mobile')}</span>
              <Actions
                entry={entry}
                onEdit={() => setEdited(entry)}
                onRemove={() => void remove(entry)}
              />
            </span>
          </span>
        )}
        empty={
          <EmptyState
            icon="users"
            title={search ? t('common.nothingFound') : t(`directory.${kind}.none`)}
            text={search ? undefined : t('directory.noneText')}
          />
        }
      />
      <EntryDialog
        number={number}
        kind={kind}
        edited={edited}
        taken={data ?? []}
        onClose={() => setEdited(undefined)}
      />
      <PasteDialog
        number={number}
        kind={kind}
        opened={isPasting}
        stored={data ?? []}
        onClose={() => setIsPasting(false)}
      />
    </Panel>
  );
}

/** All of the list is there at once. */
const WHOLE = {
  hasMore: false,
  isLoadingMore: false,
  moreError: false,
  isRefreshing: false,
  loadMore: () => {},
};

type ActionsProps = { entry: Entry; onEdit: () => void; onRemove: () => void };

function Actions({ entry, onEdit, onRemove }: ActionsProps) {
  const { t } = useTranslation();
  return (
    <span>
      <Button
        variant="subtle"
        size="compact-sm"
        aria-label={`${t('directory.edit')}: ${entry.number}`}
        onClick={onEdit}
      >
        {t('directory.edit')}
      </Button>
      <Button
        variant="subtle"
        color="red"
        size="compact-sm"
        aria-label={`${t('common.delete')}: ${entry.number}`}
        onClick={onRemove}
      >
        {t('common.delete')}
      </Button>
    </span>
  );
}

function useRemove({ number, kind }: TabProps) {
  const { t } = useTranslation();
  const confirm = useConfirm();
  const errorText = useErrorText();
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: (entry: Entry) =>
      changeDirectory(number, kind, (entries) => without(entries, entry.number)),
    onError: (error) => toast.error(errorText(error)),
    onSettled: () => client.invalidateQueries({ queryKey: [kind, number] }),
  });
  return async (entry: Entry): Promise<void> => {
    const question = {
      title: t('directory.removeTitle', { name: `${entry.number} ${entry.name}`.trim() }),
      text: t('directory.removeText'),
      action: t('common.delete'),
      danger: true,
    };
    if (await confirm(question)) remove.mutate(entry);
  };
}

function shown(entry: Entry, field: keyof Entry): string {
  const value = entry[field];
  if (value === '') return '—';
  return field === 'mobile' ? formatPhone(value) : value;
}

const isFound = (entry: Entry, search: string): boolean =>
  Object.values(entry).some((value) => value.toLowerCase().includes(search.trim().toLowerCase()));
