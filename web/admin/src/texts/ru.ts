import common from './ru/common.json';
import errors from './ru/errors.json';
import login from './ru/login.json';
import menu from './ru/menu.json';
import overview from './ru/overview.json';
import shell from './ru/shell.json';

/** What the first page needs: the frame, the login and the overview. */
export const texts = {
  common,
  errors,
  login,
  menu,
  overview,
  shell,
};
