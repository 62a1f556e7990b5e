import box from './en/box.json';
import calls from './en/calls.json';
import common from './en/common.json';
import deliveries from './en/deliveries.json';
import errors from './en/errors.json';
import integrations from './en/integrations.json';
import jobs from './en/jobs.json';
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
