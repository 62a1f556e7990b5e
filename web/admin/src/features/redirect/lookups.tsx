import type { CSSProperties } from 'react';
import { useTranslation } from 'react-i18next';

import { useFormat } from '../../format/use-format.ts';
import { Status } from '../../ui/status.tsx';
import { INTEGRATION_TITLES } from '../../words/integration-titles.ts';
import type { Lookup } from './api.ts';
import { LOOKUP_TONES, useRedirectWords } from './redirect-words.ts';

import classes from './redirect.module.css';

/** What each CRM said and how long it took; they are asked at the same time. */
export function Lookups({ lookups, took }: { lookups: Lookup[]; took: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useRedirectWords();
  const longest = Math.max(took, ...lookups.map(({ took_ms: ms }) => ms), 1);
  return (
    <ul className={classes.lookups} aria-label={t('redirect.lookups')}>
      {lookups.map(({ integration, outcome, extension, name, problem, took_ms: ms }) => (
        <li key={integration} className={classes.lookup}>
          <span>
            {INTEGRATION_TITLES[integration]}{' '}
            <Status tone={LOOKUP_TONES[outcome]} label={t(`redirect.outcomes.${outcome}`)} />{' '}
            <span className={classes.dim}>
              {[words.person(extension, name), problem].filter(Boolean).join(' · ')}
            </span>
          </span>
          <span>{t('common.ms', { ms: format.number(ms) })}</span>
          <span className={classes.bar} aria-hidden>
            <span
              data-tone={LOOKUP_TONES[outcome]}
              style={{ '--share': `${(ms / longest) * 100}%` } as CSSProperties}
            />
          </span>
        </li>
      ))}
    </ul>
  );
}
