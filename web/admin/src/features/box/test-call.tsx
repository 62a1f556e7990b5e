import { Alert, Autocomplete, Button, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { postCall } from '../../../../../shared/originates/originate.schema.ts';
import { ask } from '../../api/api-client.ts';
import { ApiError } from '../../api/api-error.ts';
import { formatPhone } from '../../format/format.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { Panel } from '../../ui/page.tsx';
import { Status, type Tone } from '../../ui/status.tsx';
import { extensionsQuery, type Originate, originateQuery } from './api.ts';
import { useBoxProblem } from './box-words.ts';

import classes from './box.module.css';

const TONES: Record<Originate['state'], Tone> = {
  requested: 'blue',
  accepted: 'blue',
  ringing_agent: 'blue',
  ringing_client: 'blue',
  talking: 'green',
  ended: 'grey',
  failed: 'red',
};
const FAILED = 'Call initiation failed: ';

/** Rings an employee, then whoever is to be called, and shows how it goes. */
export function TestCall({ number }: { number: string }) {
  const { t } = useTranslation();
  const extensions = useQuery(extensionsQuery(number));
  const [code, setCode] = useState('');
  const [phone, setPhone] = useState('');
  const call = useMutation({
    mutationFn: () => ask(postCall, { params: { number }, body: { code, phone } }),
  });
  const names = new Map(extensions.data?.map(({ extension, name }) => [extension, name]));
  return (
    <Panel title={t('box.testCall')}>
      <p className={classes.hint}>{t('box.testCallText')}</p>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          call.mutate();
        }}
      >
        <Autocomplete
          label={t('box.from')}
          placeholder="150"
          value={code}
          onChange={setCode}
          data={[...names.keys()]}
          renderOption={({ option: { value } }) => `${value} ${names.get(value) ?? ''}`}
          inputMode="numeric"
          required
          withAsterisk={false}
        />
        <TextInput
          label={t('box.to')}
          placeholder="+375 29 111-00-01"
          type="tel"
          autoComplete="off"
          value={phone}
          onChange={(event) => setPhone(event.currentTarget.value)}
          required
          withAsterisk={false}
        />
        <Button type="submit" loading={call.isPending}>
          {t('box.ring')}
        </Button>
      </form>
      <div className={classes.answer} aria-live="polite">
        {call.error && <Refused error={call.error} />}
        {call.data && <Progress number={number} id={call.data.originate_id} />}
      </div>
    </Panel>
  );
}

function Refused({ error }: { error: Error }) {
  const errorText = useErrorText();
  const problemText = useBoxProblem();
  const isOfBox = error instanceof ApiError && error.message.startsWith(FAILED);
  return (
    <Alert color="red">
      {isOfBox ? problemText(error.message.slice(FAILED.length)) : errorText(error)}
    </Alert>
  );
}

function Progress({ number, id }: { number: string; id: string }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const problemText = useBoxProblem();
  const { data: call, error } = useQuery(originateQuery(id));
  if (error && !call) return <Alert color="red">{errorText(error)}</Alert>;
  if (!call) return null;
  const { state, reason, warning, call_id: callId } = call;
  const parties = `${call.from_ext} → ${formatPhone(call.to_phone.replace(/^\+/, ''))}`;
  return (
    <>
      <div className={classes.state}>
        <Status
          tone={TONES[state]}
          label={t(`box.callStates.${state}`)}
          pulse={state !== 'ended' && state !== 'failed'}
        />
        <span>{parties}</span>
        {callId !== null && <Link to={`/e/${number}/calls/${callId}`}>{t('box.toCall')}</Link>}
      </div>
      {reason !== null && <Alert color="red">{problemText(reason)}</Alert>}
      {warning !== null && <Alert color="yellow">{warning}</Alert>}
    </>
  );
}
