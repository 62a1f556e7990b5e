import * as z from 'zod';

import { tokenOf, unquote } from '../auth/box-token.ts';
import { type Pool, repeatOnDeadConnection } from '../db.ts';
import { AppError } from '../errors.ts';
import type { HttpRequest } from '../lambda/http-event.ts';
import type { Route } from '../lambda/http.ts';
import { report } from '../lambda/report.ts';
import type { Redirect, RedirectResult } from './redirect.ts';
import type { Finder } from './responsible.ts';
import * as contract from './smart-redirect.schema.ts';
import { type Enterprise, loadEnterprise } from './smart-redirect.sql.ts';

type Dependencies = { db: Pool; finder: Finder; redirect: Redirect };

/** What boxes ask while a caller waits. Once the token is right the answer is a 200, so that the dialplan goes on. */
export function smartRedirectRoutes({ db, finder, redirect }: Dependencies): Route[] {
  return [
    {
      contract: contract.incomingCall,
      handle: async (request) => {
        const fields = fieldsOf(request);
        const body = contract.IncomingCallBody.parse(fields);
        const phone = digitsOf(body.phone);
        const enterprise = await owner(request, fields, phone);
        const result: RedirectResult = await redirect(enterprise, {
          phone,
          uniqueId: body.unique_id || null,
          channel: body.channel || null,
          trunk: body.trunk || null,
          askedBy: 'endpoint',
        });
        return { status: 200, body: { success: true, result } };
      },
    },
    {
      contract: contract.getCustomerData,
      handle: async (request) => {
        const fields = fieldsOf(request);
        const body = contract.CustomerDataBody.parse(fields);
        const phone = digitsOf(body.Phone);
        const enterprise = await owner(request, fields, phone);
        return { status: 200, body: await customerData(enterprise, phone, body.LoadDialPlan) };
      },
    },
  ];

  async function customerData(enterprise: Enterprise, phone: string, loadDialPlan: unknown) {
    const { active, settings } = enterprise;
    const nothing = { Name: null, DialPlan: null, Extension: null };
    if (!active || settings.mode === 'off') return nothing;
    try {
      const { person, clientName } = await finder.find(enterprise, phone);
      const wantsDialPlan = person !== null && isSaid(loadDialPlan);
      return {
        Name: plainName(clientName),
        DialPlan: wantsDialPlan ? settings.target_context : null,
        Extension: person?.extension ?? null,
      };
    } catch (error) {
      await report('customer data failed', error, { enterprise: enterprise.number });
      return nothing;
    }
  }

  /** @throws AppError 403 unknown token */
  async function owner(
    request: HttpRequest,
    fields: Record<string, unknown>,
    phone: string,
  ): Promise<Enterprise> {
    const token = tokenOf(request) || unquote(fields['Token']);
    const enterprise =
      token && (await repeatOnDeadConnection(() => loadEnterprise(db, { token }, phone)));
    if (!enterprise) throw new AppError('forbidden', 'Invalid token');
    return enterprise;
  }
}

/** A caller id is what the network says; a hidden one is a word or nothing but zeros. */
export function digitsOf(phone: string): string {
  const digits = /^[-+() .\d]*$/.test(phone) ? phone.replaceAll(/\D/g, '') : '';
  return /^0*$/.test(digits) || digits.length > 15 ? '' : digits;
}

/** A comma in a name once broke a company's phone for days. */
function plainName(name: string | null): string | null {
  const plain = (name ?? '').replaceAll(/[^\p{L}\p{N} .-]+/gu, ' ').replaceAll(/ +/g, ' ');
  return plain.trim().slice(0, 80) || null;
}

const isSaid = (value: unknown): boolean =>
  value === true ||
  (typeof value === 'number' && value !== 0) ||
  (typeof value === 'string' && !/^(0|false|no|null)?$/i.test(value.trim()));

/** Empty when it cannot be read. */
function fieldsOf({ rawBody }: HttpRequest): Record<string, unknown> {
  try {
    const text = rawBody.toString('utf8').replace(/^\uFEFF/, '');
    const body: unknown = JSON.parse(text, (_key, value: unknown) =>
      typeof value === 'string' ? value.replaceAll('\0', '').toWellFormed() : value,
    );
    const fields = z.record(z.string(), z.unknown()).safeParse(body);
    return fields.success ? fields.data : {};
  } catch {
    return {};
  }
}
