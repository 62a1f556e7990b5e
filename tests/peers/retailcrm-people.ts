import type { Body } from './body.ts';
import type { Answer } from './peer.ts';
import { type Account, addCustomer, findCustomer, type User } from './retailcrm-account.ts';
import { invalid, ok, readField, refusal, toMap } from './retailcrm-answers.ts';
import { NewCustomer, NewNote } from './retailcrm-formats.ts';

export function lookUp(
  account: Account,
  { phone, query }: { phone: string; query: URLSearchParams },
) {
  const customer = findCustomer(account, phone);
  const manager = account.users.find(({ id }) => id === customer?.managerId);
  const away = manager && manager.status !== 'free' && query.get('ignoreStatus') !== '1';
  if (account.unknownManager === 'not_found' && (!manager || away)) {
    throw refusal(404, 'Not found');
  }
  const unknown = account.unknownManager === 'null' ? { manager: null } : {};
  const site = `https://${account.name}.retailcrm.ru`;
  return {
    ...(manager && !away ? { manager: toManager(manager) } : unknown),
    ...(customer && query.get('details') === '1' && { customer: toCustomer(account, customer) }),
    links: {
      newOrderLink: `${site}/orders/add?phone=${encodeURIComponent(phone)}`,
      newCustomerLink: `${site}/customers/add?phone=${encodeURIComponent(phone)}`,
    },
  };
}

function toManager({ id, firstName, lastName, email, code }: User) {
  return { id, firstName, lastName, patronymic: '', email, ...(code !== null && { code }) };
}

function toCustomer(account: Account, { phone, name, managerId }: Account['customers'][number]) {
  const id = account.customers.findIndex((customer) => customer.phone === phone) + 1;
  const [firstName = '', ...rest] = name.split(' ');
  return {
    type: 'customer',
    id,
    externalId: String(id),
    firstName,
    lastName: rest.join(' '),
    managerId,
    phones: [{ number: phone }],
  };
}

export function listCustomers(account: Account, query: URLSearchParams): Answer {
  const filters = [...query.keys()].filter((name) => name.startsWith('filter['));
  const unknown = filters.filter((name) => name !== 'filter[phone]');
  if (unknown.length > 0) {
    const problems = unknown.map((path) => ({
      path,
      message: 'This form should not contain extra fields.',
    }));
    return invalid('Errors in the input parameters', toMap(problems));
  }
  const phone = query.get('filter[phone]');
  const customer = phone ? findCustomer(account, phone) : undefined;
  const found = phone ? (customer ? [customer] : []) : account.customers;
  return page(
    query,
    'customers',
    found.map((each) => toCustomer(account, each)),
  );
}

export function createCustomer(account: Account, body: Body): Answer {
  const { value, problems } = readField(body, 'customer', NewCustomer);
  if (problems) return invalid('Errors in the entity format', toMap(problems));
  const { firstName, lastName, phones = [], managerId = null } = value;
  const name = [firstName, lastName].filter(Boolean).join(' ');
  const id = addCustomer(account, { name, managerId, phone: phones[0]?.number ?? '' });
  return { ...ok({ id }), status: 201 };
}

export function createNote(
  account: Account,
  body: Body,
  moment: { sequence: number; at: string },
): Answer {
  const { value, problems } = readField(body, 'note', NewNote);
  if (problems) return invalid('Errors in the entity format', toMap(problems));
  const { customer, text } = value;
  const customerId = customer.id ?? Number(customer.externalId);
  if (!account.customers[customerId - 1])
    return invalid('Errors in the entity format', { customer: 'Customer does not exist.' });
  const id = account.notes.length + 1;
  account.notes.push({ id, customerId, text, ...moment });
  return { ...ok({ id }), status: 201 };
}

const NOTE_FILTERS = [
  'filter[ids][]',
  'filter[customerIds][]',
  'filter[managerIds][]',
  'filter[text]',
];

export function listNotes({ notes }: Account, query: URLSearchParams): Answer {
  const unknown = [...query.keys()].filter(
    (name) => name.startsWith('filter[') && !NOTE_FILTERS.includes(name),
  );
  if (unknown.length > 0) {
    const message = 'This form should not contain extra fields.';
    return invalid(
      'Errors in the input parameters',
      toMap(unknown.map((path) => ({ path, message }))),
    );
  }
  const customers = query.getAll('filter[customerIds][]').map(Number);
  const words = query.get('filter[text]') ?? '';
  const found = notes
    .filter(({ customerId }) => customers.length === 0 || customers.includes(customerId))
    .filter(({ text }) => text.includes(words));
  const rows = found.map(({ id, customerId, text, at }) => ({
    id,
    text,
    createdAt: at.slice(0, 19).replace('T', ' '),
    customer: { id: customerId, type: 'customer' },
  }));
  return page(query, 'notes', rows);
}

function page(query: URLSearchParams, name: string, rows: unknown[]): Answer {
  const limit = Number(query.get('limit') ?? 20);
  const current = Number(query.get('page') ?? 1);
  if (![20, 50, 100].includes(limit)) {
    return invalid('Errors in the input parameters', {
      limit: 'The value you selected is not a valid choice.',
    });
  }
  const pagination = {
    limit,
    totalCount: rows.length,
    currentPage: current,
    totalPageCount: Math.ceil(rows.length / limit),
  };
  return ok({ pagination, [name]: rows.slice((current - 1) * limit, current * limit) });
}

export function listUsers({ users }: Account, query: URLSearchParams): Answer {
  const rows = users.map((user) => ({
    ...toManager(user),
    active: user.active,
    isManager: true,
    status: user.status,
  }));
  return page(query, 'users', rows);
}
