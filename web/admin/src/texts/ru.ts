import calls from './ru/calls.json';
import chats from './ru/chats.json';
import common from './ru/common.json';
import deliveries from './ru/deliveries.json';
import errors from './ru/errors.json';
import hosting from './ru/hosting.json';
import integrations from './ru/integrations.json';
import jobs from './ru/jobs.json';
import login from './ru/login.json';
import menu from './ru/menu.json';
import overview from './ru/overview.json';
import player from './ru/player.json';
import recordings from './ru/recordings.json';
import shell from './ru/shell.json';

export const texts = {
  calls,
  chats,
  common,
  deliveries,
  errors,
  hosting,
  integrations,
  jobs,
  login,
  menu,
  overview,
  player,
  recordings,
  shell,
};
