import common from './ru/common.json';
import errors from './ru/errors.json';
import login from './ru/login.json';
import menu from './ru/menu.json';
import shell from './ru/shell.json';

export const texts = { common, errors, login, menu, shell };
