import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';

import { AppError } from '../errors.ts';
import { log } from './log.ts';

/** Starts a function by its name in the template, and does not wait for what comes of it. */
export type Invoke = (name: string) => Promise<void>;

type Options = {
  /** What the names begin with in this stage: `trunkline-prod-`. */
  prefix: string;
  endpoint: string | undefined;
};

export function createInvoke({ prefix, endpoint }: Options): Invoke {
  const client = new LambdaClient({
    ...(endpoint && { endpoint }),
    maxAttempts: 2,
    requestHandler: {
      connectionTimeout: 2_000,
      requestTimeout: 5_000,
      throwOnRequestTimeout: true,
    },
  });
  return async (name) => {
    const request = {
      FunctionName: `${prefix}${name}`,
      InvocationType: 'Event',
      Payload: '{}',
    } as const;
    await client.send(new InvokeCommand(request)).catch((cause: unknown) => {
      log.error('function cannot be started', {
        name,
        error: cause instanceof Error ? cause : undefined,
      });
      throw new AppError('upstream', 'Не удалось запустить', { cause });
    });
  };
}
