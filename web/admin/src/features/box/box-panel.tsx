import { Alert, Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { acceptHostKey } from '../../../../../shared/asterisk/asterisk.schema.ts';
import { ask } from '../../api/api-client.ts';
import { useFormat } from '../../format/use-format.ts';
import { useConfirm } from '../../ui/confirm.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Facts } from '../../ui/facts.tsx';
import { Panel } from '../../ui/page.tsx';
import { Loaded, LoadingState } from '../../ui/states.tsx';
import { Status } from '../../ui/status.tsx';
import { toast } from '../../ui/toasts.ts';
import { type BoxStatus, boxStatusQuery } from './api.ts';
import { useBoxProblem } from './box-words.ts';

import classes from './box.module.css';

/** How an enterprise's Asterisk is, asked now. */
export function BoxPanel({ number }: { number: string }) {
  const { t } = useTranslation();
  const query = useQuery(boxStatusQuery(number));
  return (
    <Panel
      title={t('box.status')}
      actions={
        <Button
          variant="default"
          size="compact-sm"
          loading={query.isFetching && query.data !== undefined}
          onClick={() => void query.refetch()}
        >
          {t('common.refresh')}
        </Button>
      }
    >
      <Loaded query={query} loading={<LoadingState rows={4} height={38} />}>
        {(status) => <BoxFacts number={number} status={status} />}
      </Loaded>
    </Panel>
  );
}

function BoxFacts({ number, status }: { number: string; status: BoxStatus }) {
  const { t } = useTranslation();
  const format = useFormat();
  const problemText = useBoxProblem();
  const { reachable, problem, offered_fingerprint: offered, ssh_fingerprint: known } = status;
  const ms = (value: number | null) =>
    value === null ? null : t('common.ms', { ms: format.number(value) });
  return (
    <>
      <div className={classes.state}>
        <Status
          tone={reachable ? 'green' : 'red'}
          label={t(reachable ? 'box.reachable' : 'box.unreachable')}
        />
        {problem !== null && <span className={classes.problem}>{problemText(problem)}</span>}
      </div>
      {offered !== null && <ChangedKey number={number} known={known} offered={offered} />}
      <Facts
        facts={[
          [t('box.version'), status.version],
          [
            t('box.uptime'),
            status.uptime_seconds === null ? null : format.span(status.uptime_seconds),
          ],
          [t('box.calls'), status.active_calls],
          [t('box.channels'), status.active_channels],
          [t('box.latency'), ms(status.latency_ms)],
          [t('box.clock'), ms(status.clock_difference_ms)],
          [t('box.seen'), status.last_seen_at && format.ago(status.last_seen_at)],
        ]}
      />
      {known !== null && offered === null && (
        <div className={classes.fingerprint}>
          {t('box.key')} <span className={classes.key}>{known}</span>
        </div>
      )}
    </>
  );
}

type KeyProps = { number: string; known: string | null; offered: string };

/** Nothing is sent to a box with another key, until somebody has looked at it and said that it is right. */
function ChangedKey({ number, known, offered }: KeyProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const confirm = useConfirm();
  const errorText = useErrorText();
  const accept = useMutation({
    mutationFn: () => ask(acceptHostKey, { params: { number }, body: { fingerprint: offered } }),
    onSuccess: () => toast.success(t('box.keyAccepted')),
    onError: (error) => toast.error(errorText(error)),
    onSettled: () => client.invalidateQueries({ queryKey: ['box', number] }),
  });
  const askFirst = async (): Promise<void> => {
    const question = {
      title: t('box.acceptTitle'),
      text: t('box.acceptText', { key: offered }),
      action: t('box.accept'),
      danger: true,
    };
    if (await confirm(question)) accept.mutate();
  };
  return (
    <Alert color="red" title={t('box.keyChanged')} mb="md">
      <p>{t('box.keyChangedText')}</p>
      <p>
        {t('box.keyKnown')} <span className={classes.key}>{known ?? '—'}</span>
        <br />
        {t('box.keyOffered')} <span className={classes.key}>{offered}</span>
      </p>
      <Button
        color="red.9"
        size="compact-sm"
        loading={accept.isPending}
        onClick={() => void askFirst()}
      >
        {t('box.accept')}
      </Button>
    </Alert>
  );
}
