import { type Account, createAccount } from './amocrm-account.ts';

/** The accounts that are there at every start: Belarusian numbers, invented. */
export function demoAccounts(now: number): Account[] {
  return [
    createAccount(
      'demo',
      {
        clientId: 'demo-amocrm-client-0367',
        clientSecret: 'demo-amocrm-secret-0367',
        redirectUri: 'https://hub.example/amocrm',
        accessToken: 'demo-amocrm-access-0367',
        refreshToken: 'demo-amocrm-refresh-0367',
        longLivedToken: 'demo-amocrm-long-lived-0367',
        users: [
          { id: 8_320_150, name: 'Анна Ковалёва', email: 'anna@demo.example' },
          { id: 8_320_151, name: 'Борис Лещук', email: 'boris@demo.example' },
          { id: 8_320_152, name: 'Вера Мороз', email: 'vera@demo.example' },
        ],
        contacts: [
          {
            id: 501,
            name: 'Иван Клиентов',
            phones: ['+375 29 111-00-01'],
            responsibleUserId: 8_320_151,
          },
          {
            id: 502,
            name: 'Ольга Заказова',
            phones: ['375291110002'],
            responsibleUserId: 8_320_152,
            leads: [701],
          },
          {
            id: 503,
            name: 'Заявка с сайта, обратный номер 375291110004',
            phones: ['+375291119991'],
            responsibleUserId: 8_320_150,
          },
        ],
        companies: [
          {
            id: 602,
            name: 'ООО «Восьмёрка»',
            phones: ['8 (912) 312-32-10'],
            responsibleUserId: 8_320_152,
          },
          {
            id: 601,
            name: 'ООО «Пример»',
            phones: ['+375291110005'],
            responsibleUserId: 8_320_150,
          },
        ],
      },
      { id: 31_000_367, now },
    ),
    createAccount(
      'second',
      {
        clientId: 'demo-amocrm-client-0368',
        clientSecret: 'demo-amocrm-secret-0368',
        redirectUri: 'https://hub.example/amocrm',
        accessToken: 'demo-amocrm-access-0368',
        refreshToken: 'demo-amocrm-refresh-0368',
        users: [{ id: 8_330_150, name: 'Глеб Юрко', email: 'gleb@second.example' }],
        contacts: [
          {
            id: 511,
            name: 'Тот же номер',
            phones: ['+375291110001'],
            responsibleUserId: 8_330_150,
          },
        ],
      },
      { id: 31_000_368, now },
    ),
  ];
}
