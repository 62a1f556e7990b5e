import { useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';

import { useLiveDeliveries } from '../../delivery/use-live-deliveries.ts';
import { formatDuration } from '../../format/format.ts';
import { useFormat } from '../../format/use-format.ts';
import { useLive } from '../../live/use-live.ts';
import { useEnterprise } from '../../session/enterprise.ts';
import { Facts } from '../../ui/facts.tsx';
import { Icon } from '../../ui/icons.tsx';
import { JsonBlock } from '../../ui/json-block.tsx';
import { Page, Panel } from '../../ui/page.tsx';
import { EmptyState, Loaded, LoadingState } from '../../ui/states.tsx';
import { Status } from '../../ui/status.tsx';
import { DELIVERY_TONES, useDeliveryWords } from '../../words/delivery-words.ts';
import { useExtensionName, useLineName } from '../../words/names.ts';
import { type CallDetail, callQuery, callsKey } from './api.ts';
import { isLive, TONES, useOutsideParty } from './call-words.ts';
import { recordingsOf } from './recordings-of.ts';
import { TimelinePicture } from './timeline-picture.tsx';

import classes from './call-page.module.css';

const Player = lazy(() => import('../../player/player.tsx'));

const UNFINISHED = new Set(['pending', 'sending', 'retrying']);
const LOOK_AGAIN_MS = 2_000;

export default function CallPage() {
  const { t } = useTranslation();
  const { number } = useEnterprise();
  const { id = '' } = useParams();
  const client = useQueryClient();
  const lookAgain = (): void =>
    void client.invalidateQueries({ queryKey: callsKey(number, 'one', id) });
  const live = useLiveDeliveries(number, (delivery) => {
    if (delivery.call_id === id) lookAgain();
  });
  const query = useQuery({
    ...callQuery(number, id),
    // Without the socket the page looks for itself, while anything is still to come.
    refetchInterval: ({ state }) =>
      live !== 'live' && state.data?.deliveries.some((delivery) => UNFINISHED.has(delivery.state))
        ? LOOK_AGAIN_MS
        : false,
  });
  useLive('calls', {
    onReady: lookAgain,
    onFrame: (frame) => {
      if (frame.type === 'call' && frame.call.id === id) lookAgain();
    },
  });

  return (
    <Page
      title={t('calls.one')}
      subtitle={
        <Link className={classes.back} to={`/e/${number}/calls`}>
          <Icon name="back" size={14} /> {t('calls.toList')}
        </Link>
      }
    >
      <Loaded query={query} loading={<LoadingState rows={5} height={72} />}>
        {(call) => (
          <>
            <Summary call={call} />
            <Panel title={t('calls.timeline')}>
              <TimelinePicture key={query.dataUpdatedAt} call={call} />
            </Panel>
            <div className={classes.columns}>
              <Recordings call={call} />
              <Deliveries call={call} />
            </div>
            <RawEvents call={call} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Summary({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  const nameOf = useExtensionName();
  const lineName = useLineName();
  const outsideParty = useOutsideParty();
  const { status, transfer_from: from, transfer_to: to } = call;
  const seconds = (value: number | null) => (value === null ? null : formatDuration(value));
  return (
    <Panel>
      <Facts
        facts={[
          [t('calls.client'), outsideParty(call)],
          [
            t('calls.status'),
            <Status
              key=""
              tone={TONES[status]}
              pulse={isLive(call)}
              label={t(`calls.statuses.${status}`)}
            />,
          ],
          [
            t('calls.direction'),
            t(`calls.directions.${call.direction}`) +
              (call.click_to_call ? `, ${t('calls.clickToCall')}` : ''),
          ],
          [t('calls.line'), call.line && lineName(call.line)],
          [t('calls.started'), format.moment(call.started_at)],
          [t('calls.wait'), seconds(call.wait_seconds)],
          [t('calls.talk'), seconds(call.talk_seconds)],
          [t('calls.firstAnswered'), call.first_answered_by && nameOf(call.first_answered_by)],
          [t('calls.lastTalked'), call.last_talked_by && nameOf(call.last_talked_by)],
          ...(from && to
            ? ([[t('calls.transfer'), `${nameOf(from)} → ${nameOf(to)}`]] as [string, string][])
            : []),
          [t('calls.uniqueId'), call.unique_id],
        ]}
      />
    </Panel>
  );
}

function Recordings({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  const recordings = recordingsOf(call);
  return (
    <Panel title={t('calls.recording')}>
      {recordings.length === 0 ? (
        <EmptyState icon="recordings" title={t('calls.noRecording')} />
      ) : (
        <Suspense fallback={<LoadingState rows={1} height={96} />}>
          {recordings.map((recording) => (
            <Player key={recording.link} {...recording} />
          ))}
        </Suspense>
      )}
    </Panel>
  );
}

function Deliveries({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  const { number } = useEnterprise();
  const words = useDeliveryWords();
  return (
    <Panel title={t('calls.deliveries')}>
      {call.deliveries.length === 0 ? (
        <EmptyState icon="deliveries" title={t('calls.noDeliveries')} />
      ) : (
        <ul className={classes.list}>
          {call.deliveries.map(({ id, integration, step, state, reason }) => (
            <li key={id} className={classes.item}>
              <Link to={`/e/${number}/deliveries?open=${id}`}>
                {words.integration(integration)}
              </Link>
              <span>{words.step(step)}</span>
              <Status tone={DELIVERY_TONES[state] ?? 'grey'} label={words.state(state)} />
              {reason && <span className={classes.reason}>{reason}</span>}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function RawEvents({ call }: { call: CallDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Panel>
      <details className={classes.events}>
        <summary>{t('calls.events', { count: call.events.length })}</summary>
        {call.events.map(({ id, event, received_at: at, unique_id: uniqueId, payload }) => (
          <details key={id} className={classes.event}>
            <summary>
              <span className={classes.eventHead}>
                <time dateTime={at}>{format.time(at)}</time>
                <strong>{event}</strong>
                <span>{uniqueId}</span>
              </span>
            </summary>
            <JsonBlock value={payload} label={event} />
          </details>
        ))}
      </details>
    </Panel>
  );
}
