import { Button, Group, Modal } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import type { LogEntry } from '../../../../shared/integrations/deliveries.schema.ts';
import { formatPhone } from '../format/format.ts';
import { useFormat } from '../format/use-format.ts';
import { useErrorText } from '../ui/error-text.ts';
import { Facts } from '../ui/facts.tsx';
import { JsonBlock } from '../ui/json-block.tsx';
import { Loaded } from '../ui/states.tsx';
import { Status } from '../ui/status.tsx';
import { toast } from '../ui/toasts.ts';
import { DELIVERY_TONES, useDeliveryWords } from '../words/delivery-words.ts';
import { INTEGRATION_TITLES } from '../words/integration-titles.ts';
import { deliveriesKey, deliveryQuery, replayByIds } from './api.ts';

import classes from './attempt-dialog.module.css';

type DialogProps = { number: string; entry: LogEntry | undefined; onClose: () => void };

/** One line of the log: the delivery with all its attempts, or what was said outside of a delivery (a test). */
export function AttemptDialog({ number, entry, onClose }: DialogProps) {
  if (entry && entry.delivery_id !== null)
    return <DeliveryDialog number={number} id={entry.delivery_id} onClose={onClose} />;
  return (
    <Frame
      title={INTEGRATION_TITLES[entry?.integration_type ?? ''] ?? ''}
      opened={entry !== undefined}
      onClose={onClose}
    >
      {entry && <Attempt entry={entry} open />}
    </Frame>
  );
}

/** A delivery with its attempts, what was said and heard, and the button that sends it again. */
export function DeliveryDialog({
  number,
  id,
  onClose,
}: {
  number: string;
  id: string | undefined;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  return (
    <Frame title={t('deliveries.one')} opened={id !== undefined} onClose={onClose}>
      {id !== undefined && <DeliveryView number={number} id={id} />}
    </Frame>
  );
}

function Frame({
  title,
  opened,
  onClose,
  children,
}: {
  title: string;
  opened: boolean;
  onClose: () => void;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size="60rem"
      title={title}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {children}
    </Modal>
  );
}

function DeliveryView({ number, id }: { number: string; id: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useDeliveryWords();
  const query = useQuery(deliveryQuery(number, id));
  const replay = useReplay(number);
  return (
    <Loaded query={query}>
      {(delivery) => (
        <>
          <Facts
            facts={[
              [t('deliveries.integration'), words.integration(delivery.integration)],
              [t('deliveries.step'), words.step(delivery.step)],
              [
                t('deliveries.state'),
                <Status
                  key=""
                  tone={DELIVERY_TONES[delivery.state] ?? 'grey'}
                  label={words.state(delivery.state)}
                />,
              ],
              [t('deliveries.phone'), delivery.phone && formatPhone(delivery.phone)],
              [t('deliveries.extensions'), delivery.extensions.join(', ') || null],
              [t('deliveries.created'), format.moment(delivery.created_at)],
              [
                t('deliveries.next'),
                delivery.next_attempt_at && format.moment(delivery.next_attempt_at),
              ],
              delivery.call_id === null
                ? [t('deliveries.chat'), `№${delivery.chat_number}`]
                : [
                    t('deliveries.call'),
                    <Link key="" to={`/e/${number}/calls/${delivery.call_id}`}>
                      {delivery.call_unique_id}
                    </Link>,
                  ],
            ]}
          />
          {delivery.reason && <p className={classes.reason}>{delivery.reason}</p>}
          <Group justify="flex-end" my="sm">
            <Button
              variant="default"
              loading={replay.isPending}
              onClick={() => replay.mutate([id])}
            >
              {t('deliveries.replay')}
            </Button>
          </Group>
          {delivery.history.length === 0 && <p>{t('deliveries.noAttempts')}</p>}
          {delivery.history.toReversed().map((entry, index) => (
            <Attempt key={entry.id} entry={entry} open={index === 0} />
          ))}
        </>
      )}
    </Loaded>
  );
}

function Attempt({ entry, open }: { entry: LogEntry; open: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useDeliveryWords();
  const { attempt, http_status: httpStatus, response_time_ms: took, error_message: error } = entry;
  return (
    <details className={classes.attempt} open={open}>
      <summary>
        <Status {...words.logEntry(entry)} />
        {attempt !== null && <span>{t('deliveries.attempt', { number: attempt })}</span>}
        <time dateTime={entry.created_at}>{format.moment(entry.created_at)}</time>
        {httpStatus !== null && <span>HTTP {httpStatus}</span>}
        {took !== null && <span>{t('common.ms', { ms: took })}</span>}
        {error && <span>{error}</span>}
      </summary>
      <div className={classes.exchange}>
        <div>
          <h3>{t('deliveries.request')}</h3>
          <JsonBlock value={entry.request_data} label={t('deliveries.request')} />
        </div>
        <div>
          <h3>{t('deliveries.answer')}</h3>
          <JsonBlock value={entry.response_data} label={t('deliveries.answer')} />
        </div>
      </div>
    </details>
  );
}

/** Sends deliveries again, and says of those that were not why. */
export function useReplay(number: string) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (ids: string[]) => replayByIds(number, ids),
    onSuccess: (answer) => {
      if (!('replayed' in answer)) return;
      if (answer.replayed > 0) toast.success(t('deliveries.replayed', { count: answer.replayed }));
      for (const reason of new Set(answer.left.map((left) => left.reason))) toast.warning(reason);
    },
    onError: (error) => toast.error(errorText(error)),
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: deliveriesKey(number) });
      await client.invalidateQueries({ queryKey: ['integration-logs', number] });
    },
  });
}
