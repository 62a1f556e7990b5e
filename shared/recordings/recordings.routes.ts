import { type Admin, adminOf } from '../auth/caller.ts';
import type { Pool } from '../db.ts';
import { AppError } from '../errors.ts';
import type { Route } from '../lambda/http.ts';
import { guardedRoute } from '../lambda/route.ts';
import type { Queue } from '../queue.ts';
import { lastMomentOf, momentOf } from '../zoned-time.ts';
import { countGaps, findLook } from './admin.sql.ts';
import { finishDeletions, noteProblem, planOne } from './deletions.sql.ts';
import { listForAdmins, listForPrograms, ownerOf } from './list.ts';
import * as contract from './recordings.schema.ts';
import {
  findRecording,
  markRecording,
  type RecordingOwner,
  saveSettings,
} from './recordings.sql.ts';
import { createSigner, type StoreSettings } from './sign.ts';
import { checkStorage } from './storage-check.ts';
import { checkStorageRoute, getStorageUsage } from './storage.schema.ts';
import { createStore, type Store } from './store.ts';
import { createTying } from './tie.ts';
import { createUploads } from './upload.ts';
import { getUsage } from './usage.ts';

type Dependencies = {
  db: Pool;
  storage: StoreSettings;
  crm: Pick<Queue, 'sendAll'>;
  publicUrl: string;
  store?: Store;
};

const MONTH_MS = 30 * 86_400_000;

export function recordingRoutes(dependencies: Dependencies): Route[] {
  const { db, storage, publicUrl } = dependencies;
  const signer = createSigner(storage);
  const store = dependencies.store ?? createStore(storage);
  const tie = createTying(dependencies);
  const uploads = createUploads({ db, signer, store, publicUrl, tie });

  return [
    guardedRoute(contract.listForPrograms, async ({ params, query }) => ({
      status: 200,
      body: await listForPrograms({ db, signer }, params.number, query),
    })),
    guardedRoute(contract.beginUpload, async ({ params, body }) => ({
      status: 200,
      body: await uploads.begin(params.number, body),
    })),
    guardedRoute(contract.confirmUpload, async ({ params }) => ({
      status: 200,
      body: await uploads.confirm(params.number, params.id),
    })),

    guardedRoute(contract.listForAdmins, async ({ params, query }) => ({
      status: 200,
      body: await listForAdmins({ db, publicUrl }, params.number, query),
    })),
    guardedRoute(contract.holdRecording, async ({ params, body = {} }) => {
      const { revoked } = body;
      const hold = body.hold ?? (revoked === undefined ? true : undefined);
      const one = { enterpriseNumber: params.number, id: params.id };
      const marked = await markRecording(db, one, { hold, revoked });
      if (!marked) throw notFound();
      return { status: 200, body: { success: true, ...marked } };
    }),
    guardedRoute(contract.deleteRecording, async ({ params }, caller) => {
      await deleteOne({ db, store }, params, adminOf(caller));
      return { status: 200, body: { success: true } };
    }),

    guardedRoute(contract.getGaps, async ({ params, query }) => {
      const { number, timezone } = await ownerOf(db, params.number);
      const now = new Date();
      const from = query.from ? momentOf(query.from, timezone) : new Date(+now - MONTH_MS);
      const to = query.to ? lastMomentOf(query.to, timezone) : now;
      const [days, look] = await Promise.all([
        countGaps(db, { number, timezone, from, to }),
        findLook(db, number),
      ]);
      const sum = (of: (day: (typeof days)[number]) => number) =>
        days.reduce((total, day) => total + of(day), 0);
      return {
        status: 200,
        body: {
          days,
          total: { calls: sum(({ calls }) => calls), downloaded: sum((day) => day.downloaded) },
          box: look
            ? {
                ran_at: look.ranAt?.toISOString() ?? null,
                reached_at: look.reachedAt?.toISOString() ?? null,
                problem: look.problem,
                counts: look.counts,
                cdr_without_unique_ids: look.cdrWithoutIds,
              }
            : null,
        },
      };
    }),

    guardedRoute(contract.getSettings, async ({ params }) => ({
      status: 200,
      body: settingsOf(await ownerOf(db, params.number)),
    })),
    guardedRoute(contract.putSettings, async ({ params, body: { copy, ...given } }) => {
      const settings = Object.fromEntries(
        Object.entries(given).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, value] as const],
        ),
      );
      const saved = await saveSettings(db, params.number, { settings, copy });
      if (!saved) throw new AppError('not_found', 'Предприятие не найдено');
      return { status: 200, body: settingsOf(saved) };
    }),

    guardedRoute(getStorageUsage, async () => ({ status: 200, body: await getUsage(db) })),
    guardedRoute(checkStorageRoute, async () => ({
      status: 200,
      body: await checkStorage(storage),
    })),
  ];
}

function settingsOf({ recordings, copy }: RecordingOwner) {
  return { ...recordings, copy };
}

/** Written down first, then deleted, then marked. @throws AppError 404; 409 on hold; 502 the store refused */
async function deleteOne(
  { db, store }: { db: Pool; store: Pick<Store, 'deleteMany'> },
  { number, id }: { number: string; id: string },
  admin: Admin,
): Promise<void> {
  const one = { enterpriseNumber: number, id };
  const planned = await planOne(db, { ...one, admin });
  if (!planned) {
    const recording = await findRecording(db, one);
    if (recording?.hold && recording.state === 'stored') {
      throw new AppError('conflict', 'Запись удерживается: сначала снимите удержание');
    }
    throw notFound();
  }
  const [refused] = await store.deleteMany([planned.name]);
  if (refused) {
    await noteProblem(db, planned.id, refused.problem);
    throw new AppError('upstream', 'The storage did not delete the recording', {
      cause: new Error(refused.problem),
    });
  }
  await finishDeletions(db, [planned]);
}

const notFound = () => new AppError('not_found', 'Запись не найдена');
