import { Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { useFormat } from '../../format/use-format.ts';
import { Facts } from '../../ui/facts.tsx';
import { type PlainColumn, PlainTable } from '../../ui/plain-table.tsx';
import type { Entry } from './api.ts';
import { useAuditWords } from './audit-words.ts';

import classes from './audit.module.css';

type Change = Entry['changes'][number];
type DialogProps = { entry: Entry | undefined; onClose: () => void };

/** One entry, with each field as it was and as it became. */
export function EntryDialog({ entry, onClose }: DialogProps) {
  const { t } = useTranslation();
  const words = useAuditWords();
  return (
    <Modal
      opened={entry !== undefined}
      onClose={onClose}
      size="50rem"
      title={entry && words.action(entry.action)}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {entry && <EntryView entry={entry} />}
    </Modal>
  );
}

function EntryView({ entry }: { entry: Entry }) {
  const { t } = useTranslation();
  const format = useFormat();
  const columns: PlainColumn<Change>[] = [
    { key: 'field', title: t('audit.field'), render: ({ field }) => field },
    { key: 'before', title: t('audit.before'), render: ({ before }) => <Value value={before} /> },
    { key: 'after', title: t('audit.after'), render: ({ after }) => <Value value={after} /> },
  ];
  return (
    <>
      <Facts
        facts={[
          [t('audit.at'), format.moment(entry.at)],
          [t('audit.actor'), entry.actor],
          [t('shell.enterprise'), entry.enterprise_number],
          [t('audit.subject'), entry.subject],
          [t('audit.address'), entry.address],
          [t('audit.request'), entry.request_id],
        ]}
      />
      {entry.changes.length > 0 && (
        <div className={classes.changes}>
          <PlainTable
            label={t('audit.changes')}
            rows={entry.changes}
            rowKey={({ field }) => field}
            columns={columns}
          />
        </div>
      )}
    </>
  );
}

function Value({ value }: { value: unknown }) {
  const shown = typeof value === 'string' ? value : JSON.stringify(value, null, 1);
  return (
    <span className={classes.value}>{value === null || value === undefined ? '—' : shown}</span>
  );
}
