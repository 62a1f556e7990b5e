const KNOWN: { of: RegExp; ru: string; en: string }[] = [
  {
    of: /достав|deliver/i,
    ru: 'Доставляем **по всей стране**:\n\n- курьером — 1–2 дня\n- почтой — до 5 дней\n\nПодробнее — [на странице доставки](https://shop.example.com/delivery).',
    en: 'We deliver **everywhere in the country**:\n\n- by courier in 1–2 days\n- by post within 5 days\n\nSee [the delivery page](https://shop.example.com/delivery).',
  },
  {
    of: /цен|стои|price|cost/i,
    ru: 'Вот цены:\n\n| Услуга | Цена |\n|---|---|\n| Диагностика | бесплатно |\n| Ремонт | от 40 р. |\n\nТочную сумму назовёт мастер после осмотра.',
    en: 'Here are the prices:\n\n| Service | Price |\n|---|---|\n| Check-up | free |\n| Repair | from 40 |\n\nThe master names the exact sum after a look.',
  },
  {
    of: /час|работает|когда|hours|open/i,
    ru: 'Мы работаем *по будням* с **9:00** до **20:00**, в субботу — до 16:00.',
    en: 'We are open *on weekdays* from **9:00** to **20:00**, on Saturdays until 16:00.',
  },
];

/** What the simulated assistant says: always the same to the same question. */
export function composeAnswer(question: string): string {
  const language = /[а-яё]/i.test(question) ? 'ru' : 'en';
  const known = KNOWN.find(({ of }) => of.test(question));
  if (known) return known[language];
  const short = question.replaceAll(/\s+/g, ' ').slice(0, 200);
  return language === 'ru'
    ? `Вы написали: «${short}». Я — имитация помощника: спросите про **доставку**, **цены** или **часы работы**, или позовите менеджера.`
    : `You wrote: “${short}”. I am a simulated assistant: ask about **delivery**, **prices** or **opening hours**, or call for a manager.`;
}
