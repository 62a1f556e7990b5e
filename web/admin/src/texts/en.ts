import common from './en/common.json';
import errors from './en/errors.json';
import login from './en/login.json';
import menu from './en/menu.json';
import overview from './en/overview.json';
import shell from './en/shell.json';

/** What the first page needs: the frame, the login and the overview. */
export const texts = {
  common,
  errors,
  login,
  menu,
  overview,
  shell,
};
