import type { CallDelivery, RecordingLinks } from '../deliveries/dispatch.sql.ts';
import { log } from '../lambda/log.ts';
import type { Signer } from './sign.ts';

/** For CRMs that fetch the file themselves, at once, and want a 200. */
const FETCHED_WITHIN_HOURS = 1;

type Delivered = Pick<CallDelivery, 'recordingFile' | 'recordingKey' | 'recordingType'>;

/**
 * The links to a call's recording for one integration: the permanent one, known before the file is, and a signed one
 * once the file is there. `direct_link_hours` says that the integration wants no other than signed ones.
 */
export async function linkRecording(
  { recordingFile, recordingKey, recordingType }: Delivered,
  settings: Record<string, unknown>,
  { signer, publicUrl }: { signer: Pick<Signer, 'get'>; publicUrl: string },
): Promise<RecordingLinks> {
  const permanent = recordingFile
    ? `${publicUrl.replace(/\/+$/, '')}/r/${recordingFile}`
    : undefined;
  if (!recordingKey) return { recordingUrl: permanent };
  const wanted = Number(settings['direct_link_hours']) || undefined;
  const seconds = (wanted ?? FETCHED_WITHIN_HOURS) * 3600;
  const until = new Date(Date.now() + seconds * 1000);
  const options = { seconds, ...(recordingType && { contentType: recordingType }) };
  const direct = await signer.get(recordingKey, options).catch((error: unknown) => {
    // The call is told even where the keys of the storage are missing.
    log.warn('a link cannot be signed', { error: error instanceof Error ? error : undefined });
    return undefined;
  });
  if (!direct) return { recordingUrl: permanent };
  return {
    recordingUrl: wanted ? direct : permanent,
    recordingDirectUrl: direct,
    recordingDirectUntil: until,
  };
}
