import audit from './en/audit.json';
import box from './en/box.json';
import calls from './en/calls.json';
import chats from './en/chats.json';
import common from './en/common.json';
import deliveries from './en/deliveries.json';
import enterprises from './en/enterprises.json';
import errors from './en/errors.json';
import hosting from './en/hosting.json';
import integrations from './en/integrations.json';
import jobs from './en/jobs.json';
import keys from './en/keys.json';
import login from './en/login.json';
import menu from './en/menu.json';
import overview from './en/overview.json';
import player from './en/player.json';
import recordings from './en/recordings.json';
import redirect from './en/redirect.json';
import secrets from './en/secrets.json';
import services from './en/services.json';
import shell from './en/shell.json';
import users from './en/users.json';

export const texts = {
  audit,
  box,
  calls,
  chats,
  common,
  deliveries,
  enterprises,
  errors,
  hosting,
  integrations,
  jobs,
  keys,
  login,
  menu,
  overview,
  player,
  recordings,
  redirect,
  secrets,
  services,
  shell,
  users,
};
