import calls from './en/calls.json';
import chats from './en/chats.json';
import common from './en/common.json';
import deliveries from './en/deliveries.json';
import errors from './en/errors.json';
import hosting from './en/hosting.json';
import integrations from './en/integrations.json';
import jobs from './en/jobs.json';
import login from './en/login.json';
import menu from './en/menu.json';
import overview from './en/overview.json';
import player from './en/player.json';
import recordings from './en/recordings.json';
import shell from './en/shell.json';

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
