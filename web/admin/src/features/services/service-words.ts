import { useTranslation } from 'react-i18next';

/** The template describes its functions in English. Russian words by the name; one that is not here keeps its own. */
const RUSSIAN: Record<string, string> = {
  'call-events': 'принимает события звонков от АТС',
  status: 'отвечает, что сервис жив',
  'admin-auth': 'вход в админку и выход',
  'admin-calls': 'список звонков и карточка звонка',
  'admin-directory': 'имена сотрудников и линий',
  'admin-integrations': 'подключает CRM, показывает и повторяет доставки',
  'admin-hosting': 'серверы хостинга, платежи, сверка с Timeweb',
  'admin-enterprises': 'предприятия, токены и секреты',
  'admin-access': 'пользователи, ключи API и журнал действий',
  'admin-services': 'эта страница: состояние, запуск задач, повтор застрявшего',
  'admin-asterisk': 'состояние АТС, каналы, ключ узла',
  'admin-smart-redirect': 'настройки и проверка умной переадресации',
  'crm-callbacks': 'принимает нажатия из CRM',
  'smart-redirect': 'переводит звонящего на его менеджера по запросу АТС',
  'smart-redirect-queue': 'переводит звонящего на его менеджера по событию',
  originate: 'звонок по кнопке',
  'telegram-webhook': 'принимает нажатия из Telegram',
  'call-tracker': 'складывает события в звонки',
  'crm-dispatch': 'отправляет звонки в CRM',
  'telegram-notify': 'пишет о звонках в Telegram',
  'live-socket': 'держит соединения открытых страниц',
  'live-push': 'показывает звонки на открытых страницах сразу',
  'outbox-sweep': 'подбирает всё, что не дошло до очереди, и долгие задачи',
  'asterisk-check': 'проверяет, отвечают ли АТС',
  maintenance: 'чистит старое, готовит таблицы на завтра',
  'timeweb-sync': 'сверяет серверы с Timeweb',
  'admin-chats': 'чаты, менеджеры и смены',
  'chat-api': 'принимает сообщения посетителей сайта',
  'chat-ai': 'отвечает посетителям ИИ',
  'chat-timers': 'напоминает менеджерам и закрывает забытые чаты',
  'recordings-api': 'список записей, загрузка, сроки хранения',
  'recording-link': 'открывает запись по постоянной ссылке',
  'recordings-sync': 'просит заглянуть на каждую АТС за записями',
  'recordings-fetch': 'забирает записи с АТС и находит потерянные звонки',
  'recordings-cleanup': 'удаляет записи, срок которых вышел',
};

const RATE = /^rate\((\d+) (minute|hour|day)s?\)$/;
const DAILY = /^cron\((\d+) (\d+) \* \* \? \*\)$/;

/** What a function is for and when it runs, in the chosen language. */
export function useServiceWords() {
  const { t, i18n } = useTranslation();
  return {
    describe: ({ name, description }: { name: string; description: string }): string =>
      i18n.language === 'ru' ? (RUSSIAN[name] ?? description) : description,
    rate(rate: string): string {
      const [, count, unit] = RATE.exec(rate) ?? [];
      if (count === '1' && unit === 'minute') return t('services.everyMinute');
      if (count === '1' && unit === 'hour') return t('services.everyHour');
      if (count && unit === 'minute') return t('services.everyMinutes', { count: Number(count) });
      if (count && unit === 'hour') return t('services.everyHours', { count: Number(count) });
      const [, minute = '', hour] = DAILY.exec(rate) ?? [];
      if (hour)
        return t('services.daily', { time: `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}` });
      return rate;
    },
  };
}
