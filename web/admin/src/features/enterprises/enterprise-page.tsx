import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';

import { TimezoneContext } from '../../session/timezone.ts';
import { Page } from '../../ui/page.tsx';
import { Loaded, LoadingState } from '../../ui/states.tsx';
import { BoxPanel } from '../box/box-panel.tsx';
import { TestCall } from '../box/test-call.tsx';
import { UsersPanel } from '../users/users-panel.tsx';
import { AccessPanel } from './access-panel.tsx';
import { ActivePanel } from './active-panel.tsx';
import { enterpriseQuery } from './api.ts';
import { SettingsForm } from './settings-form.tsx';

import classes from './enterprises.module.css';

/** All that the operator keeps about one enterprise. */
export default function EnterprisePage() {
  const { t } = useTranslation();
  const { number = '' } = useParams();
  const query = useQuery(enterpriseQuery(number));
  const title = query.data ? `${number} ${query.data.name}` : number;
  return (
    <Page
      title={title}
      subtitle={<Link to="/enterprises">{t('enterprises.toList')}</Link>}
      actions={
        <Button component={Link} to={`/e/${number}`} variant="default">
          {t('enterprises.toPages')}
        </Button>
      }
    >
      <Loaded query={query} loading={<LoadingState rows={6} height={72} />}>
        {(enterprise) => (
          <TimezoneContext value={enterprise.timezone}>
            <div className={classes.columns}>
              <SettingsForm key={number} enterprise={enterprise} />
              <div className={classes.column}>
                <BoxPanel number={number} />
                <TestCall number={number} />
                <AccessPanel enterprise={enterprise} />
                <UsersPanel number={number} />
                <ActivePanel enterprise={enterprise} />
              </div>
            </div>
          </TimezoneContext>
        )}
      </Loaded>
    </Page>
  );
}
