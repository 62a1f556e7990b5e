import common from './en/common.json';
import errors from './en/errors.json';
import login from './en/login.json';
import menu from './en/menu.json';
import shell from './en/shell.json';

export const texts = { common, errors, login, menu, shell };
