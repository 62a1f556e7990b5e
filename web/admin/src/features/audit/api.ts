import type { listAudit } from '../../../../../shared/audit/audit.schema.ts';
import type { Answer } from '../../api/api-client.ts';

export type Entry = Answer<typeof listAudit>['items'][number];
