import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';

import type { pageTexts as russianOfPages } from '../texts/ru-pages.ts';
import type { texts as russian } from '../texts/ru.ts';

export const LANGUAGES = ['ru', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof russian & typeof russianOfPages };
  }
}

const CHOSEN = 'trunkline-language';
const LOADERS = {
  ru: () => import('../texts/ru.ts'),
  en: () => import('../texts/en.ts'),
} as const satisfies Record<Language, () => Promise<{ texts: object }>>;

const PAGE_LOADERS = {
  ru: () => import('../texts/ru-pages.ts'),
  en: () => import('../texts/en-pages.ts'),
} as const satisfies Record<Language, () => Promise<{ pageTexts: object }>>;
let hasPages = false;

/** Russian unless somebody chose English here before. */
export async function startI18n(): Promise<void> {
  const language = chosenLanguage();
  const { texts } = await LOADERS[language]();
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: { [language]: { translation: texts } },
    interpolation: { escapeValue: false }, // React escapes
    returnNull: false,
  });
  document.documentElement.lang = language;
}

/** What the pages behind the first one say, in the language of the moment; a change of language brings it along from now on. */
export async function loadPageTexts(): Promise<void> {
  hasPages = true;
  await addPageTexts(LANGUAGES.find((known) => known === i18next.language) ?? 'ru');
}

async function addPageTexts(language: Language): Promise<void> {
  const { pageTexts } = await PAGE_LOADERS[language]();
  i18next.addResourceBundle(language, 'translation', pageTexts, true, true);
}

export async function changeLanguage(language: Language): Promise<void> {
  const { texts } = await LOADERS[language]();
  i18next.addResourceBundle(language, 'translation', texts, true, true);
  if (hasPages) await addPageTexts(language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
  try {
    localStorage.setItem(CHOSEN, language);
  } catch {
    // It holds until the page is closed.
  }
}

function chosenLanguage(): Language {
  try {
    const stored = localStorage.getItem(CHOSEN);
    return LANGUAGES.find((language) => language === stored) ?? 'ru';
  } catch {
    return 'ru';
  }
}
