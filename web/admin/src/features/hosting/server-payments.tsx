import { ActionIcon, Alert, Button, Group, Stack, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import {
  createPayment,
  deletePayment,
  type Payment,
} from '../../../../../shared/hosting/payments.schema.ts';
import type { Server } from '../../../../../shared/hosting/servers.schema.ts';
import { ask } from '../../api/api-client.ts';
import { useFormat } from '../../format/use-format.ts';
import { useToday } from '../../format/use-today.ts';
import { useConfirm } from '../../ui/confirm.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Icon } from '../../ui/icons.tsx';
import { EmptyState, Loaded } from '../../ui/states.tsx';
import { toast } from '../../ui/toasts.ts';
import { CURRENCY, hostingKey, paymentsQuery } from './api.ts';
import { readMoney, writeMoney } from './money.tsx';

import list from '../../ui/list.module.css';
import classes from './hosting.module.css';

/** What a client paid for a server, and a new payment. */
export function ServerPayments({ server }: { server: Server }) {
  const { t } = useTranslation();
  const query = useQuery(paymentsQuery(server.id));
  return (
    <Stack gap="md">
      <NewPayment key={server.updated_at} server={server} />
      <Loaded query={query}>
        {(payments) =>
          payments.length === 0 ? (
            <EmptyState icon="hosting" title={t('hosting.noPayments')} />
          ) : (
            <ul className={list.plain}>
              {payments.map((payment) => (
                <PaymentItem key={payment.id} payment={payment} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Stack>
  );
}

function NewPayment({ server }: { server: Server }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const client = useQueryClient();
  const [amount, setAmount] = useState(() => writeMoney(server.payment_amount));
  const [paidOn, setPaidOn] = useState(useToday());
  const [periods, setPeriods] = useState('1');
  const sum = readMoney(amount);
  const count = /^\d{1,2}$/.test(periods) && Number(periods) <= 60 ? Number(periods) : undefined;
  const pay = useMutation({
    mutationFn: () =>
      ask(createPayment, {
        body: {
          server_id: server.id,
          amount: sum ?? 0,
          paid_on: paidOn || undefined,
          periods: count,
        },
      }),
    onSuccess: () => {
      toast.success(t('hosting.paymentNoted'));
      void client.invalidateQueries({ queryKey: hostingKey() });
    },
  });
  const isReady = typeof sum === 'number' && count !== undefined;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) pay.mutate();
      }}
    >
      <Stack gap="sm">
        <div className={classes.form}>
          <TextInput
            label={t('hosting.amount')}
            inputMode="decimal"
            value={amount}
            error={sum === undefined ? t('hosting.wrong') : undefined}
            onChange={(event) => setAmount(event.currentTarget.value)}
          />
          <TextInput
            label={t('hosting.paidOn')}
            type="date"
            value={paidOn}
            onChange={(event) => setPaidOn(event.currentTarget.value)}
          />
          <TextInput
            label={t('hosting.paidPeriods')}
            inputMode="numeric"
            value={periods}
            error={count === undefined ? t('hosting.wrong') : undefined}
            onChange={(event) => setPeriods(event.currentTarget.value)}
          />
        </div>
        {pay.error && <Alert color="red">{errorText(pay.error)}</Alert>}
        <Group justify="flex-end">
          <Button type="submit" loading={pay.isPending} disabled={!isReady}>
            {t('hosting.notePayment')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function PaymentItem({ payment }: { payment: Payment }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const confirm = useConfirm();
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => ask(deletePayment, { params: { id: String(payment.id) } }),
    onSuccess: () => client.invalidateQueries({ queryKey: hostingKey() }),
    onError: (error) => toast.error(errorText(error)),
  });
  const amount = format.money(payment.amount, CURRENCY);
  const askAndRemove = async (): Promise<void> => {
    const isSure = await confirm({
      title: t('hosting.deletePaymentTitle', { amount }),
      text: t('hosting.deletePaymentText'),
      action: t('common.delete'),
      danger: true,
    });
    if (isSure) remove.mutate();
  };
  return (
    <li className={classes.item}>
      <span className={classes.itemMain}>
        <strong>{amount}</strong>{' '}
        <span className={list.dim}>
          {t('hosting.forPeriods', { count: payment.periods })}
          {payment.notes && ` · ${payment.notes}`}
        </span>
      </span>
      <span className={classes.itemEnd}>
        <time dateTime={payment.paid_on}>{format.digits(payment.paid_on)}</time>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t('hosting.deletePayment', { amount })}
          loading={remove.isPending}
          onClick={() => void askAndRemove()}
        >
          <Icon name="trash" size={16} />
        </ActionIcon>
      </span>
    </li>
  );
}
