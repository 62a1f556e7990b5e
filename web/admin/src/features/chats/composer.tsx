import { Alert, Button, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { LONGEST_TEXT } from '../../../../../shared/chat/visitor.schema.ts';
import { postMessage } from '../../../../../shared/managers/api.schema.ts';
import { ask } from '../../api/api-client.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { type ChatDetail, chatQuery } from './api.ts';

import classes from './chats.module.css';

/** Says something to the visitor as the operator. What could not be sent stays, and sent again it is said once. */
export function Composer({ chat }: { chat: ChatDetail }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const client = useQueryClient();
  const [text, setText] = useState('');
  const clientId = useRef<string>(undefined);
  const send = useMutation({
    mutationFn: () => {
      clientId.current ??= crypto.randomUUID();
      return ask(postMessage, {
        params: { id: chat.id },
        body: { text: text.trim(), client_id: clientId.current },
      });
    },
    onSuccess: () => {
      setText('');
      clientId.current = undefined;
      return client.invalidateQueries({ queryKey: chatQuery(chat.id).queryKey });
    },
  });
  if (chat.state === 'closed') return <p className={classes.nobody}>{t('chats.isClosed')}</p>;
  const isEmpty = text.trim() === '';
  const submit = (): void => {
    if (!isEmpty && !send.isPending) send.mutate();
  };
  return (
    <form
      className={classes.composer}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {send.error && <Alert color="red">{errorText(send.error)}</Alert>}
      <div className={classes.write}>
        <Textarea
          className={classes.grow ?? ''}
          aria-label={t('chats.write')}
          placeholder={t('chats.writeHint')}
          rows={2}
          maxLength={LONGEST_TEXT}
          value={text}
          onChange={(event) => {
            clientId.current = undefined;
            setText(event.currentTarget.value);
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            submit();
          }}
        />
        <Button type="submit" loading={send.isPending} disabled={isEmpty}>
          {t('chats.send')}
        </Button>
      </div>
    </form>
  );
}
