import audit from './ru/audit.json';
import box from './ru/box.json';
import calls from './ru/calls.json';
import chats from './ru/chats.json';
import common from './ru/common.json';
import deliveries from './ru/deliveries.json';
import enterprises from './ru/enterprises.json';
import errors from './ru/errors.json';
import hosting from './ru/hosting.json';
import integrations from './ru/integrations.json';
import jobs from './ru/jobs.json';
import keys from './ru/keys.json';
import login from './ru/login.json';
import menu from './ru/menu.json';
import overview from './ru/overview.json';
import player from './ru/player.json';
import recordings from './ru/recordings.json';
import redirect from './ru/redirect.json';
import secrets from './ru/secrets.json';
import services from './ru/services.json';
import shell from './ru/shell.json';
import users from './ru/users.json';

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
