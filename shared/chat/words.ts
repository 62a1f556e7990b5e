type Locale = 'ru' | 'en';

/** What the chat itself says to a visitor. */
const WORDS = {
  searching: {
    ru: 'Ищем свободного менеджера…',
    en: 'Looking for a free manager…',
  },
  joined: {
    ru: (name: string) => `К чату подключился менеджер ${name}`,
    en: (name: string) => `${name} has joined the chat`,
  },
  closedByManager: { ru: 'Менеджер завершил чат', en: 'The manager has ended the chat' },
  closedByVisitor: { ru: 'Чат завершён', en: 'The chat has ended' },
  closedBySilence: {
    ru: 'Чат завершён: давно никто не писал',
    en: 'The chat has ended: nobody wrote for a while',
  },
  nobody: { ru: 'Нет доступных менеджеров', en: 'No managers are available' },
  leaveRequest: {
    ru: 'Оставьте заявку, и мы свяжемся с вами.',
    en: 'Leave a request and we will get back to you.',
  },
  requestLeft: {
    ru: 'Заявка принята. Мы свяжемся с вами.',
    en: 'We have your request and will get back to you.',
  },
  connecting: {
    ru: 'Ищем свободного менеджера, обычно это занимает меньше минуты.',
    en: 'We are looking for a free manager; it usually takes less than a minute.',
  },
  connected: { ru: 'Вы уже говорите с менеджером.', en: 'You are already talking to a manager.' },
  aiFailed: {
    ru: 'Помощник сейчас не может ответить. Нажмите «👤 Связаться с живым менеджером» — вам ответит человек.',
    en: 'The assistant cannot answer right now. Press “👤 Talk to a human” and a person will help you.',
  },
} as const;

/** The words in the visitor's language. */
export function wordsFor(locale: Locale) {
  return {
    searching: WORDS.searching[locale],
    joined: WORDS.joined[locale],
    closedBy: {
      manager: WORDS.closedByManager[locale],
      visitor: WORDS.closedByVisitor[locale],
      silence: WORDS.closedBySilence[locale],
    },
    nobody: WORDS.nobody[locale],
    leaveRequest: WORDS.leaveRequest[locale],
    requestLeft: WORDS.requestLeft[locale],
    connecting: WORDS.connecting[locale],
    connected: WORDS.connected[locale],
    aiFailed: WORDS.aiFailed[locale],
  };
}
