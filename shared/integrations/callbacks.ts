import { timingSafeEqual } from 'node:crypto';

import { v7 as newUuid } from 'uuid';

import { hashToken } from '../auth/tokens.ts';
import { openSecrets } from '../crm/config-copies.ts';
import { CLIENT_ID_FIELD } from '../crm/config.ts';
import type { IntegrationType } from '../crm/crm.schema.ts';
import type { Pool } from '../db.ts';
import { AppError } from '../errors.ts';
import type { SecretBox } from '../secrets.ts';
import * as sql from './callbacks.sql.ts';

export type WantedCall = {
  requestId: string;
  enterpriseNumber: string;
  integrationType: IntegrationType;
  /** Undefined when nobody knows the extension of the CRM's user. */
  extension: string | undefined;
  phone: string;
  line?: string | undefined;
  /** The CRM has entered the call under this id already. */
  externalId?: string | undefined;
};
export type Placed = { placed: true; originateId: string } | { placed: false; why: string };

/** Places a call: rings the extension, then dials the phone. */
export type Originate = (call: WantedCall) => Promise<Placed>;

/** For as long as nothing here can place a call: says so, instead of pretending. */
export const nobodyOriginates: Originate = async () => ({
  placed: false,
  why: 'Звонок по клику пока недоступен: подключение к АТС не настроено',
});

type Dependencies = { db: Pool; secrets: SecretBox; originate: Originate };

export type Clicked = { outcome: 'duplicate' } | ({ outcome: 'tried' } & Placed);

const refused = () => new AppError('forbidden', 'Доступ запрещен');

/** What somebody asks for in a CRM: is it really that CRM, is it new, and then it is done. */
export function createCallbacks({ db, secrets, originate }: Dependencies) {
  return {
    /** The enterprise that a CRM names by the id we gave it. @throws AppError 403 */
    async ownerOfClientId(clientId: string): Promise<string> {
      // The hash is looked up, so that the time it takes tells nothing of the id.
      const owner = await sql.findByClientId(db, hashToken(clientId));
      if (!owner?.config[CLIENT_ID_FIELD.type]?.enabled) throw refused();
      return owner.number;
    },

    /** Whether a secret of the stored settings was shown. @throws AppError 403 */
    async checkSecret(number: string, type: string, field: string, shown: string): Promise<void> {
      const owner = await sql.findByNumber(db, number);
      const settings = owner && openSecrets(owner.config, secrets)[type];
      const expected = settings?.enabled ? settings[field] : undefined;
      const isRight =
        typeof expected === 'string' &&
        expected !== '' &&
        timingSafeEqual(hashToken(expected), hashToken(shown));
      if (!isRight) throw refused();
    },

    async takeStatus(request: Omit<sql.CrmRequest, 'id' | 'kind'>): Promise<void> {
      await db.begin((tx) =>
        sql.insertRequest(tx, { ...request, id: newUuid(), kind: 'user-status' }),
      );
    },

    /** Keeps the request, and tries to place the call. */
    async takeClick(
      click: Omit<sql.CrmRequest, 'id' | 'kind'> & { phone: string; kind?: 'call' | 'call-back' },
    ): Promise<Clicked> {
      const { enterpriseNumber, integrationType, phone, line, externalId } = click;
      const id = newUuid();
      const isNew = await db.begin((tx) => sql.insertRequest(tx, { kind: 'call', ...click, id }));
      if (!isNew) return { outcome: 'duplicate' };
      const placed = await originate({
        requestId: id,
        enterpriseNumber,
        integrationType,
        extension: await sql.findExtension(db, id),
        phone,
        line,
        externalId,
      });
      await sql.noteOutcome(db, id, placed.placed ? 'placed' : placed.why);
      return { outcome: 'tried', ...placed };
    },
  };
}
