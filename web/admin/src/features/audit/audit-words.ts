import { useTranslation } from 'react-i18next';

/** The actions that have words; the rest is shown as the log has it. */
const WORDS: Record<string, `${Known}`> = {
  login: 'login',
  'login.failed': 'loginFailed',
  'password.change': 'password',
  'enterprise.create': 'enterpriseCreate',
  'enterprise.update': 'enterpriseUpdate',
  'enterprise.deactivate': 'enterpriseDeactivate',
  'enterprise.rotate_token': 'rotateToken',
  'enterprise.rotate_secret': 'rotateSecret',
  'enterprise.telegram_resume': 'telegramResume',
  'user.create': 'userCreate',
  'user.update': 'userUpdate',
  'user.delete': 'userDelete',
  'api_key.create': 'keyCreate',
  'api_key.delete': 'keyDelete',
  'integration.update': 'integrationUpdate',
  'integration.mapping': 'integrationMapping',
  'extensions.replace': 'extensions',
  'lines.replace': 'lines',
  'deliveries.replay': 'replay',
  'queue.redrive': 'redrive',
  'schedule.run': 'run',
  'POST /enterprise/{number}/call': 'call',
  'POST /enterprise/{number}/asterisk/hangup': 'hangUp',
  'POST /enterprise/{number}/asterisk/accept-host-key': 'hostKey',
  'PUT /enterprise/{number}/smart-redirect/settings': 'redirect',
};
type Known =
  | ('login' | 'loginFailed' | 'password' | 'enterpriseCreate' | 'enterpriseUpdate')
  | ('enterpriseDeactivate' | 'rotateToken' | 'rotateSecret' | 'telegramResume' | 'userCreate')
  | ('userUpdate' | 'userDelete' | 'keyCreate' | 'keyDelete' | 'integrationUpdate')
  | ('integrationMapping' | 'extensions' | 'lines' | 'replay' | 'redrive' | 'run' | 'call')
  | ('hangUp' | 'hostKey' | 'redirect');

export function useAuditWords() {
  const { t } = useTranslation();
  const action = (name: string): string => {
    const known = WORDS[name];
    return known ? t(`audit.actions.${known}`) : name;
  };
  return {
    action,
    actionOptions: Object.keys(WORDS).map((value) => ({ value, label: action(value) })),
  };
}
