import { Logger } from '@aws-lambda-powertools/logger';

/** JSON lines. A constant message plus ids and figures; never bodies, headers, tokens, numbers of people. */
export const log = new Logger({ serviceName: 'trunkline' });
