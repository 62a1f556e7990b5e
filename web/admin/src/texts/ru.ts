import box from './ru/box.json';
import calls from './ru/calls.json';
import common from './ru/common.json';
import deliveries from './ru/deliveries.json';
import errors from './ru/errors.json';
import integrations from './ru/integrations.json';
import jobs from './ru/jobs.json';
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
  box,
  calls,
  common,
  deliveries,
  errors,
  integrations,
  jobs,
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
