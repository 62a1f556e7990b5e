import { ActionIcon } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Icon } from '../../ui/icons.tsx';
import { INTEGRATION_TITLES } from '../../words/integration-titles.ts';

import classes from './redirect.module.css';

type OrderProps<Item extends string> = {
  label: string;
  items: Item[];
  onChange: (items: Item[]) => void;
};

/** CRMs in the order in which they are believed: dragged by the mouse, moved by the arrows with everything else. */
export function OrderList<Item extends string>({ label, items, onChange }: OrderProps<Item>) {
  const { t } = useTranslation();
  const [dragged, setDragged] = useState<Item>();
  const move = (item: Item, to: number): void => {
    if (to < 0 || to >= items.length || items[to] === item) return;
    onChange(items.filter((each) => each !== item).toSpliced(to, 0, item));
  };
  return (
    <ol className={classes.order} aria-label={label}>
      {items.map((item, place) => {
        const name = INTEGRATION_TITLES[item] ?? item;
        return (
          // What the mouse does here the arrows inside do as well.
          // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
          <li
            key={item}
            className={classes.crm}
            draggable
            data-dragged={dragged === item || undefined}
            onDragStart={(event) => {
              event.dataTransfer.effectAllowed = 'move';
              setDragged(item);
            }}
            onDragEnter={() => dragged !== undefined && move(dragged, place)}
            onDragOver={(event) => event.preventDefault()}
            onDrop={(event) => event.preventDefault()}
            onDragEnd={() => setDragged(undefined)}
          >
            <span className={classes.place}>{place + 1}</span>
            <span className={classes.crmName}>{name}</span>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t('redirect.up', { name })}
              disabled={place === 0}
              onClick={() => move(item, place - 1)}
            >
              <Icon name="up" size={16} />
            </ActionIcon>
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={t('redirect.down', { name })}
              disabled={place === items.length - 1}
              onClick={() => move(item, place + 1)}
            >
              <Icon name="down" size={16} />
            </ActionIcon>
          </li>
        );
      })}
    </ol>
  );
}
