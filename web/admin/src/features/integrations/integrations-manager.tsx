import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import type { IntegrationType } from '../../../../../shared/crm/crm.schema.ts';
import { Loaded, LoadingState } from '../../ui/states.tsx';
import { integrationsQuery } from './api.ts';
import { IntegrationCard } from './integration-card.tsx';
import { LastEvents } from './last-events.tsx';
import { SettingsDialog } from './settings-dialog.tsx';

import classes from './integrations.module.css';

/** The cards of an enterprise's integrations, and what was said to them last. */
export function IntegrationsManager({ number }: { number: string }) {
  const query = useQuery(integrationsQuery(number));
  const [opened, setOpened] = useState<IntegrationType>();
  return (
    <>
      <Loaded query={query} loading={<LoadingState rows={1} height={170} />}>
        {({ integrations }) => (
          <>
            <div className={classes.grid}>
              {integrations.map((integration) => (
                <IntegrationCard
                  key={integration.type}
                  number={number}
                  integration={integration}
                  onSettings={() => setOpened(integration.type)}
                />
              ))}
            </div>
            <SettingsDialog
              number={number}
              integration={integrations.find(({ type }) => type === opened)}
              onClose={() => setOpened(undefined)}
            />
          </>
        )}
      </Loaded>
      <LastEvents number={number} />
    </>
  );
}
