import { readFileSync, writeFileSync } from 'node:fs';

import { contracts } from '../shared/contracts.ts';
import { toOpenapi } from '../shared/openapi.ts';

// Writes docs/openapi.json, which GET /api/openapi.json serves.
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
writeFileSync('docs/openapi.json', `${JSON.stringify(toOpenapi(contracts, version), null, 2)}\n`);
