import { Tabs } from '@mantine/core';
import { type ReactNode, Suspense } from 'react';
import { useSearchParams } from 'react-router';

import { LoadingState } from './states.tsx';

export type PageTab = { name: string; title: string; badge?: ReactNode; content: ReactNode };

/** The parts of a page. Which one is open stands in the address; what else stands there belongs to the part that is left. */
export function PageTabs({ tabs }: { tabs: PageTab[] }) {
  const [params, setParams] = useSearchParams();
  const first = tabs[0]?.name ?? '';
  const open = tabs.find(({ name }) => name === params.get('tab'))?.name ?? first;
  return (
    <Tabs
      value={open}
      onChange={(name) => setParams(name === null || name === first ? {} : { tab: name })}
      keepMounted={false}
    >
      <Tabs.List mb="md">
        {tabs.map(({ name, title, badge }) => (
          <Tabs.Tab key={name} value={name} rightSection={badge}>
            {title}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Suspense fallback={<LoadingState rows={6} height={32} />}>
        {tabs.map(({ name, content }) => (
          <Tabs.Panel key={name} value={name}>
            {content}
          </Tabs.Panel>
        ))}
      </Suspense>
    </Tabs>
  );
}
