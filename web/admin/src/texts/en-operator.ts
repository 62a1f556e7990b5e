import audit from './en/audit.json';
import chats from './en/chats.json';
import enterprises from './en/enterprises.json';
import hosting from './en/hosting.json';
import keys from './en/keys.json';

/** Of the pages that only the operator opens: not loaded with the first page. */
export const operatorTexts = {
  audit,
  chats,
  enterprises,
  hosting,
  keys,
};
