import audit from './en/audit.json';
import box from './en/box.json';
import calls from './en/calls.json';
import chats from './en/chats.json';
import deliveries from './en/deliveries.json';
import directory from './en/directory.json';
import enterprises from './en/enterprises.json';
import hosting from './en/hosting.json';
import integrations from './en/integrations.json';
import jobs from './en/jobs.json';
import keys from './en/keys.json';
import player from './en/player.json';
import recordings from './en/recordings.json';
import redirect from './en/redirect.json';
import secrets from './en/secrets.json';
import services from './en/services.json';
import users from './en/users.json';

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
