import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { hangUpChannel } from '../../../../../shared/asterisk/asterisk.schema.ts';
import { ask } from '../../api/api-client.ts';
import { formatDuration, formatPhone } from '../../format/format.ts';
import { useConfirm } from '../../ui/confirm.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Panel } from '../../ui/page.tsx';
import { type PlainColumn, PlainTable } from '../../ui/plain-table.tsx';
import { EmptyState, Loaded } from '../../ui/states.tsx';
import { toast } from '../../ui/toasts.ts';
import { type Channel, channelsQuery } from './api.ts';

/** What goes on on the box now. */
export function ChannelsPanel({ number }: { number: string }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const confirm = useConfirm();
  const errorText = useErrorText();
  const query = useQuery(channelsQuery(number));
  const hangUp = useMutation({
    mutationFn: (channel: string) => ask(hangUpChannel, { params: { number }, body: { channel } }),
    onSuccess: () => toast.success(t('box.hungUp')),
    onError: (error) => toast.error(errorText(error)),
    onSettled: () => client.invalidateQueries({ queryKey: channelsQuery(number).queryKey }),
  });
  const askFirst = async ({ channel }: Channel): Promise<void> => {
    const question = {
      title: t('box.hangUpTitle'),
      text: t('box.hangUpText', { channel }),
      action: t('box.hangUp'),
      danger: true,
    };
    if (await confirm(question)) hangUp.mutate(channel);
  };
  const columns: PlainColumn<Channel>[] = [
    { key: 'channel', title: t('box.channel'), render: ({ channel }) => channel },
    { key: 'extension', title: t('calls.extension'), render: ({ extension }) => extension ?? '—' },
    {
      key: 'phone',
      title: t('calls.phone'),
      render: ({ phone }) => (phone === null ? '—' : formatPhone(phone)),
    },
    { key: 'state', title: t('box.state'), render: ({ state }) => state },
    {
      key: 'seconds',
      title: t('box.lasts'),
      align: 'end',
      render: ({ seconds }) => formatDuration(seconds),
    },
    {
      key: 'end',
      title: '',
      align: 'end',
      control: true,
      render: (channel) => (
        <Button
          variant="subtle"
          color="red"
          size="compact-sm"
          aria-label={`${t('box.hangUp')}: ${channel.channel}`}
          onClick={() => void askFirst(channel)}
        >
          {t('box.hangUp')}
        </Button>
      ),
    },
  ];
  return (
    <Panel title={t('box.channelsNow')}>
      <Loaded query={query}>
        {(channels) =>
          channels.length === 0 ? (
            <EmptyState icon="calls" title={t('calls.nobodyTalks')} />
          ) : (
            <PlainTable
              label={t('box.channelsNow')}
              rows={channels}
              rowKey={({ unique_id: id }) => id}
              columns={columns}
            />
          )
        }
      </Loaded>
    </Panel>
  );
}
