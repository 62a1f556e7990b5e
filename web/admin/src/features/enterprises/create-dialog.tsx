import { Alert, Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';

import {
  createEnterprise,
  NewEnterprise,
} from '../../../../../shared/enterprises/enterprises.schema.ts';
import { ask } from '../../api/api-client.ts';
import { OPERATORS_TIMEZONE } from '../../session/timezone.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { SecretsOnce, type Shown } from '../../ui/secrets-once.tsx';
import { ENTERPRISES } from './api.ts';
import { complaintOf } from './complaints.ts';
import { timezonesWith } from './timezones.ts';

import classes from './enterprises.module.css';

type Made = { number: string; secrets: Shown[] };

/** Makes an enterprise; its token and secret are told once, then its page opens. */
export function CreateDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [made, setMade] = useState<Made>();
  return (
    <>
      <Modal
        opened={opened}
        onClose={onClose}
        title={t('enterprises.addTitle')}
        closeButtonProps={{ 'aria-label': t('common.close') }}
      >
        <CreateForm
          onClose={onClose}
          onMade={(next) => {
            onClose();
            setMade(next);
          }}
        />
      </Modal>
      <SecretsOnce
        title={t('enterprises.madeTitle', { number: made?.number })}
        text={t('enterprises.madeText')}
        secrets={made?.secrets}
        onClose={() => void navigate(`/enterprises/${made?.number}`)}
      />
    </>
  );
}

function CreateForm({ onClose, onMade }: { onClose: () => void; onMade: (made: Made) => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const client = useQueryClient();
  const [values, setValues] = useState({ number: '', name: '', ip: '', token: '' });
  const [timezone, setTimezone] = useState(OPERATORS_TIMEZONE);
  const [isTried, setIsTried] = useState(false);
  const body = {
    number: values.number,
    name: values.name,
    timezone,
    ...(values.ip && { ip: values.ip }),
    ...(values.token && { token: values.token }),
  };
  const { error } = NewEnterprise.safeParse(body);
  const wrong = new Set(error?.issues.map(({ path }) => String(path[0])));
  const make = useMutation({
    mutationFn: () => ask(createEnterprise, { body }),
    onSuccess: ({ enterprise, token, secret }) =>
      onMade({
        number: enterprise.number,
        secrets: [
          { label: t('enterprises.token'), value: token },
          { label: t('enterprises.secret'), value: secret },
        ],
      }),
    onSettled: () => client.invalidateQueries({ queryKey: ENTERPRISES }),
  });
  const field = (name: keyof typeof values) => ({
    value: values[name],
    onChange: (event: { currentTarget: HTMLInputElement }) => {
      const { value } = event.currentTarget;
      setValues((before) => ({ ...before, [name]: value.trimStart() }));
      make.reset();
    },
    error:
      wrong.has(name) &&
      (isTried || (values[name] !== '' && name !== 'token')) &&
      t(`enterprises.complaints.${complaintOf(name)}`),
    autoComplete: 'off',
    spellCheck: false,
  });
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setIsTried(true);
        if (wrong.size === 0) make.mutate();
      }}
    >
      <Stack gap="sm">
        <div className={classes.fields}>
          <TextInput
            label={t('enterprises.number')}
            placeholder="0369"
            required
            data-autofocus
            {...field('number')}
          />
          <TextInput label={t('enterprises.name')} required {...field('name')} />
          <TextInput label={t('enterprises.ip')} placeholder="192.0.2.19" {...field('ip')} />
          <Select
            label={t('enterprises.timezone')}
            data={timezonesWith(timezone)}
            value={timezone}
            onChange={(zone) => zone !== null && setTimezone(zone)}
            allowDeselect={false}
            searchable
            limit={50}
            nothingFoundMessage={t('common.nothingFound')}
          />
        </div>
        <TextInput
          label={t('enterprises.ownToken')}
          description={t('enterprises.ownTokenText')}
          {...field('token')}
        />
        {make.error && <Alert color="red">{errorText(make.error)}</Alert>}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" loading={make.isPending}>
            {t('enterprises.create')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
