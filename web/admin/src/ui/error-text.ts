import { useTranslation } from 'react-i18next';

import { ApiError } from '../api/api-error.ts';

/** Why something failed, in the words of the API where it has some for people. */
export function useErrorText(): (error: unknown) => string {
  const { t } = useTranslation();
  return (error) => {
    if (!(error instanceof ApiError)) return t('errors.unknown');
    const { status, message, requestId } = error;
    if (status === 0) return t('errors.connection');
    if (status === 403) return t('errors.denied');
    if (status === 404) return message || t('errors.notFound');
    if (status === 429) return t('errors.tooMany');
    if (status === 502 && message) return message;
    if (status >= 500)
      return requestId ? t('errors.serverWithId', { id: requestId }) : t('errors.server');
    return message || t('errors.unknown');
  };
}
