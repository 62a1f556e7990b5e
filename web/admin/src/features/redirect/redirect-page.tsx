import { useTranslation } from 'react-i18next';

import { useEnterprise } from '../../session/enterprise.ts';
import { Page } from '../../ui/page.tsx';
import { DecisionsPanel } from './decisions-panel.tsx';
import { SettingsPanel } from './settings-panel.tsx';
import { TryPanel } from './try-panel.tsx';

import classes from './redirect.module.css';

export default function RedirectPage() {
  const { t } = useTranslation();
  const { number, name } = useEnterprise();
  return (
    <Page title={t('redirect.title')} subtitle={`${number} ${name}`}>
      <div className={classes.columns}>
        <SettingsPanel number={number} />
        <TryPanel number={number} />
      </div>
      <DecisionsPanel number={number} />
    </Page>
  );
}
