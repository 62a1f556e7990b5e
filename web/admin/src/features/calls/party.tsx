import { useTranslation } from 'react-i18next';

import { Icon } from '../../ui/icons.tsx';
import type { Call } from './api.ts';
import { useOutsideParty } from './call-words.ts';

import classes from './calls-page.module.css';

const ICONS = { in: 'incoming', out: 'outgoing', internal: 'internal' } as const;

/** The direction as an arrow, and who the call is with. */
export function Party({ call }: { call: Pick<Call, 'direction' | 'phone' | 'caller'> }) {
  const { t } = useTranslation();
  const outsideParty = useOutsideParty();
  return (
    <span className={classes.direction}>
      <span
        role="img"
        aria-label={t(`calls.directions.${call.direction}`)}
        title={t(`calls.directions.${call.direction}`)}
      >
        <Icon name={ICONS[call.direction]} size={16} />
      </span>
      {outsideParty(call)}
    </span>
  );
}
