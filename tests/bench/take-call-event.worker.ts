// Runs built handlers when told to, and says how long each call took. Started by take-call-event.ts.
import { createRequire } from 'node:module';

import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';

import type { BareRow, insertAndSend } from './bare-handler.ts';
import { lambdaContext } from './lambda-context.ts';

type Handler = (event: APIGatewayProxyEventV2, context: Context) => Promise<{ statusCode: number }>;
type Bare = { insertAndSend: typeof insertAndSend };
export type Work = {
  handler: string;
  bare: string;
  /** One after the other; with a row, the bare pair runs beside it, alternately before and after. */
  rounds: { event: APIGatewayProxyEventV2; row?: BareRow }[];
};

const require = createRequire(import.meta.url);

process.on('message', (work: Work) => void run(work).then((result) => process.send?.(result)));

async function run({ handler: handlerFile, bare: bareFile, rounds }: Work) {
  const { handler }: { handler: Handler } = require(handlerFile);
  const { insertAndSend: runBare }: Bare = require(bareFile);
  const result = { handler: [], insert: [], send: [] } as Record<
    'handler' | 'insert' | 'send',
    number[]
  >;

  const take = async (event: APIGatewayProxyEventV2): Promise<void> => {
    const began = performance.now();
    const { statusCode } = await handler(event, lambdaContext);
    result.handler.push(performance.now() - began);
    if (statusCode !== 200) throw new Error(`the handler answered ${statusCode}`);
  };
  const compare = async (row: BareRow | undefined): Promise<void> => {
    if (!row) return;
    const { insert, send } = await runBare(row);
    result.insert.push(insert);
    result.send.push(send);
  };

  for (const [index, { event, row }] of rounds.entries()) {
    if (index % 2 === 1) await compare(row);
    await take(event);
    if (index % 2 === 0) await compare(row);
  }
  return result;
}
