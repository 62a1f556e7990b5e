import { useTranslation } from 'react-i18next';

import { useEnterprise } from '../../session/enterprise.ts';
import { Page } from '../../ui/page.tsx';
import { BoxPanel } from './box-panel.tsx';
import { ChannelsPanel } from './channels-panel.tsx';
import { TestCall } from './test-call.tsx';

import classes from './box.module.css';

export default function BoxPage() {
  const { t } = useTranslation();
  const { number, name } = useEnterprise();
  return (
    <Page title={t('box.title')} subtitle={`${number} ${name}`}>
      <div className={classes.columns}>
        <BoxPanel number={number} />
        <TestCall number={number} />
      </div>
      <ChannelsPanel number={number} />
    </Page>
  );
}
