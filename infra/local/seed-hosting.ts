import type postgres from 'postgres';

import { addMonths, dayOf } from '../../shared/hosting/hosting.ts';

const PROJECTS = ['Боты', 'Сайты клиентов', 'Телефония'];

/** Ids are those of the simulated Timeweb; `due` counts days from today. */
type Demo = [
  timewebId: number | null,
  name: string,
  project: string,
  client: string,
  company: string | null,
  price: number,
  fee: number,
  due: number,
];
const SERVERS: Demo[] = [
  [1051, 'bot-1-1051', 'Боты', 'Мария Верес', 'ООО «Верес»', 1_200, 100, 3],
  [1052, 'bot-2-1052', 'Боты', 'Мария Верес', 'ООО «Верес»', 1_100, 0, 3],
  [1053, 'shop-1053', 'Сайты клиентов', 'Олег Панасюк', 'ИП Панасюк', 2_600, 200, 11],
  [1054, 'crm-1054', 'Сайты клиентов', 'Олег Панасюк', 'ИП Панасюк', 900, 0, -4],
  [1055, 'pbx-1055', 'Телефония', 'Инна Жук', 'ЗАО «Полесье-Связь»', 1_500, 300, 19],
  [1056, 'site-1056', 'Сайты клиентов', 'Инна Жук', 'ЗАО «Полесье-Связь»', 2_900, 0, 25],
  [1058, 'bot-1-1058', 'Боты', 'Степан Гриб', null, 1_000, 0, 1],
  [1062, 'pbx-1062', 'Телефония', 'Степан Гриб', null, 1_900, 250, -12],
  [null, 'Старый сервер в шкафу', 'Телефония', 'Инна Жук', 'ЗАО «Полесье-Связь»', 700, 0, 30],
];

/** Projects, clients and prices for some servers of the simulated Timeweb; the first sync says the rest of them. */
export async function seedHosting(db: postgres.Sql, now = new Date()): Promise<void> {
  const [found] = await db`select 1 from hosting_servers limit 1`;
  if (found) return;
  const names = PROJECTS.map((name) => ({ name }));
  await db`insert into hosting_projects ${db(names)} on conflict do nothing`;
  for (const [timewebId, name, project, client, company, price, fee, due] of SERVERS) {
    const next = dayOf(new Date(now.getTime() + due * 86_400_000));
    const [row] = await db`
      insert into hosting_servers (timeweb_id, server_name, project_id, client_name, client_company, client_price,
        service_fee, start_date, next_payment_date, auto_sync, cost_price)
      values (${timewebId}, ${name}, (select id from hosting_projects where name = ${project}), ${client}, ${company},
        ${price}, ${fee}, ${addMonths(next, -6)}, ${next}, ${timewebId !== null}, ${timewebId === null ? 350 : null})
      on conflict do nothing
      returning id`;
    if (!row) continue;
    await db`
      insert into hosting_payments (server_id, amount, paid_on, previous_payment_date, next_payment_date)
      values (${row['id']}, ${price + fee}, ${addMonths(next, -1)}, ${addMonths(next, -1)}, ${next})`;
  }
}
