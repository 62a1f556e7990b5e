import { lazy } from 'react';
import { useTranslation } from 'react-i18next';

import { useEnterprise } from '../../session/enterprise.ts';
import { PageTabs } from '../../ui/page-tabs.tsx';
import { Page } from '../../ui/page.tsx';
import { BoxPanel } from './box-panel.tsx';
import { ChannelsPanel } from './channels-panel.tsx';
import { TestCall } from './test-call.tsx';

import list from '../../ui/list.module.css';
import classes from './box.module.css';

const DirectoryTab = lazy(() => import('../directory/directory-tab.tsx'));

export default function BoxPage() {
  const { t } = useTranslation();
  const { number, name } = useEnterprise();
  return (
    <Page title={t('box.title')} subtitle={`${number} ${name}`}>
      <PageTabs
        tabs={[
          {
            name: 'state',
            title: t('box.tabs.state'),
            content: (
              <div className={list.stack}>
                <div className={classes.columns}>
                  <BoxPanel number={number} />
                  <TestCall number={number} />
                </div>
                <ChannelsPanel number={number} />
              </div>
            ),
          },
          {
            name: 'extensions',
            title: t('directory.extensions.title'),
            content: <DirectoryTab number={number} kind="extensions" />,
          },
          {
            name: 'lines',
            title: t('directory.lines.title'),
            content: <DirectoryTab number={number} kind="lines" />,
          },
        ]}
      />
    </Page>
  );
}
