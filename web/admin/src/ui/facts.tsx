import type { ReactNode } from 'react';

import classes from './facts.module.css';

/** Names and values. What is not known is a dash. */
export function Facts({ facts }: { facts: [name: string, value: ReactNode][] }) {
  return (
    <dl className={classes.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt className={classes.name}>{name}</dt>
          <dd className={classes.value}>{value ?? '—'}</dd>
        </div>
      ))}
    </dl>
  );
}
