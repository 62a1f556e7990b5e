import audit from './ru/audit.json';
import box from './ru/box.json';
import calls from './ru/calls.json';
import chats from './ru/chats.json';
import deliveries from './ru/deliveries.json';
import directory from './ru/directory.json';
import enterprises from './ru/enterprises.json';
import hosting from './ru/hosting.json';
import integrations from './ru/integrations.json';
import jobs from './ru/jobs.json';
import keys from './ru/keys.json';
import player from './ru/player.json';
import recordings from './ru/recordings.json';
import redirect from './ru/redirect.json';
import secrets from './ru/secrets.json';
import services from './ru/services.json';
import users from './ru/users.json';

/** Of all other pages: loaded with the first of them that is opened. */
export const pageTexts = {
  audit,
  box,
  calls,
  chats,
  deliveries,
  directory,
  enterprises,
  hosting,
  integrations,
  jobs,
  keys,
  player,
  recordings,
  redirect,
  secrets,
  services,
  users,
};
