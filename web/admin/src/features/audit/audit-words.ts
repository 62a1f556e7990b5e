import type { ParseKeys } from 'i18next';
import { useTranslation } from 'react-i18next';

/** What the log calls an action, and how people do: a test knows that every write is here. */
export const ACTION_WORDS: Record<string, ParseKeys> = {
  login: 'audit.actions.login',
  'login.failed': 'audit.actions.loginFailed',
  'password.change': 'audit.actions.password',
  'enterprise.create': 'audit.actions.enterpriseCreate',
  'enterprise.update': 'audit.actions.enterpriseUpdate',
  'enterprise.deactivate': 'audit.actions.enterpriseDeactivate',
  'enterprise.rotate_token': 'audit.actions.rotateToken',
  'enterprise.rotate_secret': 'audit.actions.rotateSecret',
  'enterprise.telegram_resume': 'audit.actions.telegramResume',
  'user.create': 'audit.actions.userCreate',
  'user.update': 'audit.actions.userUpdate',
  'user.delete': 'audit.actions.userDelete',
  'api_key.create': 'audit.actions.keyCreate',
  'api_key.delete': 'audit.actions.keyDelete',
  'integration.update': 'audit.actions.integrationUpdate',
  'integration.mapping': 'audit.actions.integrationMapping',
  'extensions.replace': 'audit.actions.extensions',
  'lines.replace': 'audit.actions.lines',
  'deliveries.replay': 'audit.actions.replay',
  'queue.redrive': 'audit.actions.redrive',
  'schedule.run': 'audit.actions.run',
  'POST /enterprise/{number}/call': 'audit.actions.call',
  'POST /enterprise/{number}/asterisk/hangup': 'audit.actions.hangUp',
  'POST /enterprise/{number}/asterisk/accept-host-key': 'audit.actions.hostKey',
  'PUT /enterprise/{number}/smart-redirect/settings': 'audit.actions.redirect',
  'POST /enterprise/{number}/smart-redirect/try': 'audit.actions.redirectTry',
  'POST /api/recordings/{number}': 'audit.actions.recordingUpload',
  'POST /api/recordings/{number}/{id}/confirm': 'audit.actions.recordingUploaded',
  'POST /enterprise/{number}/recordings/{id}/hold': 'audit.actions.recordingHold',
  'DELETE /enterprise/{number}/recordings/{id}': 'audit.actions.recordingDelete',
  'PUT /enterprise/{number}/recordings/settings': 'audit.actions.recordingSettings',
  'POST /admin/storage/check': 'audit.actions.storageCheck',
  'POST /admin/hosting/api/timeweb/import': 'audit.actions.hostingImport',
  'POST /admin/hosting/api/timeweb/sync-all': 'audit.actions.hostingSync',
  'POST /admin/hosting/api/server/{id}/sync': 'audit.actions.serverSync',
  'POST /admin/hosting/api/server': 'audit.actions.serverCreate',
  'PATCH /admin/hosting/api/server/{id}': 'audit.actions.serverUpdate',
  'DELETE /admin/hosting/api/server/{id}': 'audit.actions.serverDelete',
  'POST /admin/hosting/api/project': 'audit.actions.projectCreate',
  'PATCH /admin/hosting/api/project/{id}': 'audit.actions.projectUpdate',
  'DELETE /admin/hosting/api/project/{id}': 'audit.actions.projectDelete',
  'POST /admin/hosting/api/payment': 'audit.actions.paymentCreate',
  'PATCH /admin/hosting/api/payment/{id}': 'audit.actions.paymentUpdate',
  'DELETE /admin/hosting/api/payment/{id}': 'audit.actions.paymentDelete',
  'PUT /api/chats/settings': 'audit.actions.chatSettings',
  'POST /api/chats/{id}/assign': 'audit.actions.chatAssign',
  'POST /api/chats/{id}/close': 'audit.actions.chatClose',
  'POST /api/chats/{id}/messages': 'audit.actions.chatMessage',
  'POST /api/managers': 'audit.actions.managerCreate',
  'PATCH /api/managers': 'audit.actions.managersUpdate',
  'PATCH /api/managers/{id}': 'audit.actions.managerUpdate',
};

export function useAuditWords() {
  const { t } = useTranslation();
  const action = (name: string): string => {
    const known = ACTION_WORDS[name];
    return known ? String(t(known)) : name;
  };
  return {
    action,
    actionOptions: Object.keys(ACTION_WORDS).map((value) => ({ value, label: action(value) })),
  };
}
