/** Which sentence says what is wrong with a field. */
const COMPLAINTS = {
  number: 'number',
  name: 'name',
  ip: 'ip',
  host: 'host',
  custom_domain: 'host',
  ssh_port: 'port',
  custom_port: 'port',
  ssh_user: 'user',
  ssh_password: 'password',
  ssh_key: 'key',
  bot_token: 'bot',
  chat_id: 'chat',
  token: 'token',
  scheme_count: 'count',
  gsm_line_count: 'count',
} as const;

export type Complaining = keyof typeof COMPLAINTS;

export const complaintOf = (name: Complaining) => COMPLAINTS[name];
