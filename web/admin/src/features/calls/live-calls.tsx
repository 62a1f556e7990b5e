import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { formatDuration } from '../../format/format.ts';
import { useLive } from '../../live/use-live.ts';
import { useEnterprise } from '../../session/enterprise.ts';
import { LiveMark } from '../../ui/live-mark.tsx';
import { Panel } from '../../ui/page.tsx';
import { ErrorState, LoadingState } from '../../ui/states.tsx';
import { Status } from '../../ui/status.tsx';
import { type Call, callsKey, liveCallsQuery, newestFirst } from './api.ts';
import { isLive, TONES, useOurSide } from './call-words.ts';
import { Party } from './party.tsx';

import list from '../../ui/list.module.css';
import classes from './calls-page.module.css';

/** The calls that are under way, as the socket tells of them. An ended one makes the history look again. */
export function LiveCalls() {
  const { t } = useTranslation();
  const { number } = useEnterprise();
  const client = useQueryClient();
  const { data: calls, error, refetch } = useQuery(liveCallsQuery(number));

  const status = useLive('calls', {
    onReady: () => void client.invalidateQueries({ queryKey: callsKey(number) }),
    onFrame: (frame) => {
      if (frame.type !== 'call' && frame.type !== 'call_merged') return;
      if (frame.enterprise !== number) return;
      const gone = frame.type === 'call' ? frame.call.id : frame.id;
      const kept = frame.type === 'call' && isLive(frame.call) ? [frame.call] : [];
      client.setQueryData(liveCallsQuery(number).queryKey, (before) =>
        [...kept, ...(before ?? []).filter(({ id }) => id !== gone)].toSorted(newestFirst),
      );
      void client.invalidateQueries({ queryKey: callsKey(number, 'one', gone) });
      if (kept.length === 0)
        void client.invalidateQueries({ queryKey: callsKey(number, 'history') });
    },
  });

  return (
    <Panel
      title={t('calls.now', { count: calls?.length ?? 0 })}
      actions={<LiveMark status={status} />}
    >
      {error && !calls ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : !calls ? (
        <LoadingState rows={1} height={76} />
      ) : (
        <div className={classes.live} aria-live="polite">
          {calls.length === 0 && <p className={classes.nobody}>{t('calls.nobodyTalks')}</p>}
          {calls.map((call) => (
            <LiveCard key={call.id} call={call} />
          ))}
        </div>
      )}
    </Panel>
  );
}

function LiveCard({ call }: { call: Call }) {
  const { t } = useTranslation();
  const { number } = useEnterprise();
  const ourSide = useOurSide();
  const seconds = useSecondsSince(call.answered_at ?? call.started_at);
  return (
    <Link className={classes.card} to={`/e/${number}/calls/${call.id}`}>
      <span className={list.line}>
        <Party call={call} />
        <span aria-hidden>{formatDuration(seconds)}</span>
      </span>
      <span className={list.line}>
        <Status tone={TONES[call.status]} pulse label={t(`calls.statuses.${call.status}`)} />
        <span className={list.dim}>{ourSide(call)}</span>
      </span>
    </Link>
  );
}

function useSecondsSince(iso: string): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, (now - new Date(iso).getTime()) / 1000);
}
