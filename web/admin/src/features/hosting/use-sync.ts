import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { syncAll } from '../../../../../shared/hosting/timeweb.schema.ts';
import { ask } from '../../api/api-client.ts';
import { ApiError } from '../../api/api-error.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { toast } from '../../ui/toasts.ts';
import { hostingKey } from './api.ts';

/** Brings the servers up to date; what is stored stands on the page meanwhile. Opening the page does it by itself. */
export function useSync() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const client = useQueryClient();
  const sync = useMutation({
    mutationFn: (autoOnly: boolean) => ask(syncAll, { body: { auto_only: autoOnly } }),
    onSuccess: ({ synced, created, changed, missing, errors }) => {
      const counts = t('hosting.syncCounts', { created, changed, missing });
      const message = `${t('hosting.synced', { count: synced })}. ${counts}`;
      if (errors.length === 0) toast.success(message);
      else toast.warning(`${message} ${t('hosting.syncErrors', { count: errors.length })}`);
    },
    onError: (error, autoOnly) => {
      // Without a token there is nothing to open with; the page says so by itself.
      if (autoOnly && error instanceof ApiError && error.status === 409) return;
      toast.error(t('hosting.syncFailed', { reason: errorText(error) }));
    },
    onSettled: () => client.invalidateQueries({ queryKey: hostingKey() }),
  });

  const isOpened = useRef(false);
  const { mutate } = sync;
  useEffect(() => {
    if (isOpened.current) return;
    isOpened.current = true;
    mutate(true);
  }, [mutate]);
  return sync;
}
