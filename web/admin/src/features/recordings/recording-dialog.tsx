import { Alert, Button, Group, Modal, Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import {
  deleteRecording,
  holdRecording,
  type RecordingItem,
} from '../../../../../shared/recordings/recordings.schema.ts';
import { ask } from '../../api/api-client.ts';
import { formatDuration, formatPhone } from '../../format/format.ts';
import { useFormat } from '../../format/use-format.ts';
import { playableLink } from '../../player/playable-link.ts';
import { useConfirm } from '../../ui/confirm.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Facts } from '../../ui/facts.tsx';
import { EmptyState, LoadingState } from '../../ui/states.tsx';
import { toast } from '../../ui/toasts.ts';
import { recordingsKey } from './api.ts';
import { Kept } from './kept.tsx';

const Player = lazy(() => import('../../player/player.tsx'));

type DialogProps = {
  number: string;
  isOpen: boolean;
  isPending: boolean;
  recording: RecordingItem | undefined;
  onClose: () => void;
};

export function RecordingDialog({ isOpen, onClose, isPending, recording, number }: DialogProps) {
  const { t } = useTranslation();
  const phone = recording?.phone;
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      size="lg"
      title={[t('recordings.one'), phone && formatPhone(phone)].filter(Boolean).join(' · ')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {recording && <Card number={number} recording={recording} onClose={onClose} />}
      {!recording && isPending && <LoadingState />}
      {!recording && !isPending && (
        <EmptyState icon="recordings" title={t('recordings.notInList')} />
      )}
    </Modal>
  );
}

type CardProps = { number: string; recording: RecordingItem; onClose: () => void };

function Card({ number, recording, onClose }: CardProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { call_id: callId, revoked, duration } = recording;
  return (
    <Stack gap="md">
      {recording.truncated && <Alert color="yellow">{t('recordings.truncated')}</Alert>}
      {revoked ? (
        <Alert color="red">{t('recordings.revokedText')}</Alert>
      ) : (
        <Suspense fallback={<LoadingState rows={1} height={140} />}>
          <Player
            key={recording.id}
            link={playableLink(recording.link)}
            extension={recording.extension}
          />
        </Suspense>
      )}
      <Facts
        facts={[
          [t('recordings.started'), format.moment(recording.started_at)],
          [t('recordings.duration'), duration === null ? null : formatDuration(duration)],
          [t('recordings.size'), format.bytes(recording.size)],
          [t('recordings.kept'), <Kept key="" recording={recording} />],
          [t('recordings.opens'), format.number(recording.opens)],
          [t('recordings.source'), t(`recordings.sources.${recording.source}`)],
          [t('recordings.onBox'), recording.on_box ? t('recordings.yes') : t('recordings.no')],
          [
            t('recordings.call'),
            callId && <Link to={`/e/${number}/calls/${callId}`}>{t('recordings.toCall')}</Link>,
          ],
        ]}
      />
      <Actions number={number} recording={recording} onClose={onClose} />
    </Stack>
  );
}

function Actions({ number, recording, onClose }: CardProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const confirm = useConfirm();
  const client = useQueryClient();
  const { id, hold, revoked } = recording;
  const params = { number, id };
  const refresh = () => client.invalidateQueries({ queryKey: recordingsKey(number, 'list') });

  const change = useMutation({
    mutationFn: (body: { hold?: boolean; revoked?: boolean }) =>
      ask(holdRecording, { params, body }),
    onSettled: refresh,
  });
  const remove = useMutation({
    mutationFn: () => ask(deleteRecording, { params }),
    onSuccess: () => {
      toast.success(t('recordings.deleted'));
      onClose();
      return refresh();
    },
  });
  const askAndRevoke = async (): Promise<void> => {
    const isSure = await confirm({
      title: t('recordings.revokeTitle'),
      text: t('recordings.revokeText'),
      action: t('recordings.revoke'),
      danger: true,
    });
    if (isSure) change.mutate({ revoked: true });
  };
  const askAndRemove = async (): Promise<void> => {
    const isSure = await confirm({
      title: t('recordings.deleteTitle'),
      text: t('recordings.deleteText'),
      action: t('common.delete'),
      danger: true,
    });
    if (isSure) remove.mutate();
  };
  const failed = change.error ?? remove.error;

  return (
    <Stack gap="xs">
      {failed && <Alert color="red">{errorText(failed)}</Alert>}
      <Group justify="space-between" gap="xs">
        <Group gap="xs">
          <Button
            variant="default"
            loading={change.isPending}
            onClick={() => change.mutate({ hold: !hold })}
          >
            {hold ? t('recordings.letGo') : t('recordings.hold')}
          </Button>
          <Button
            variant="default"
            loading={change.isPending}
            onClick={() => (revoked ? change.mutate({ revoked: false }) : void askAndRevoke())}
          >
            {revoked ? t('recordings.giveLink') : t('recordings.revoke')}
          </Button>
        </Group>
        <Button
          variant="subtle"
          color="red"
          disabled={hold}
          loading={remove.isPending}
          onClick={() => void askAndRemove()}
        >
          {t('common.delete')}
        </Button>
      </Group>
    </Stack>
  );
}
