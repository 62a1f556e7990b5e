import audit from './ru/audit.json';
import chats from './ru/chats.json';
import enterprises from './ru/enterprises.json';
import hosting from './ru/hosting.json';
import keys from './ru/keys.json';

/** Of the pages that only the operator opens: not loaded with the first page. */
export const operatorTexts = {
  audit,
  chats,
  enterprises,
  hosting,
  keys,
};
