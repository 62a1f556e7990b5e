import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as z from 'zod';

import { AppError } from '../errors.ts';
import { log } from './log.ts';
import { report } from './report.ts';

/** What the gateway says of a connection that opens, sends or is gone. */
const SocketEvent = z.object({
  requestContext: z.object({
    connectionId: z.string(),
    eventType: z.enum(['CONNECT', 'MESSAGE', 'DISCONNECT']),
    requestId: z.string(),
    connectedAt: z.number(),
    requestTimeEpoch: z.number(),
  }),
  queryStringParameters: z.record(z.string(), z.string().optional()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().optional(),
});
type SocketEvent = z.output<typeof SocketEvent>;
type Result = { statusCode: number };

type Opening = { connectionId: string; query: Record<string, string | undefined> };
/** Both times are the gateway's. */
export type SocketMessage = {
  connectionId: string;
  text: string;
  connectedAt: Date;
  sentAt: Date;
};

export type SocketHandlers = {
  /** Throws AppError to refuse; whatever it throws, the connection does not open. */
  connect(opening: Opening): Promise<void>;
  message(message: SocketMessage): Promise<void>;
  /** Not guaranteed to be called. */
  disconnect(closed: { connectionId: string }): Promise<void>;
};

/**
 * Wraps the three routes of a WebSocket API. A message that fails is thrown on after the report: then the gateway tells
 * the client that it was not understood, in a frame of its own.
 */
export function socket(handlers: SocketHandlers) {
  return middy<unknown, Result, Error, Context>()
    .before(({ context }) => log.addContext(context))
    .after(() => log.resetKeys())
    .onError(() => log.resetKeys())
    .handler(async (input) => {
      const event = SocketEvent.parse(input);
      const { connectionId, eventType, requestId } = event.requestContext;
      log.appendKeys({ connectionId, requestId });
      try {
        await pass(handlers, event);
        return { statusCode: 200 };
      } catch (error) {
        if (!(error instanceof AppError) || error.status >= 500) {
          await report('socket failed', error, { connectionId, requestId });
          if (eventType === 'MESSAGE') throw error;
          return { statusCode: 500 };
        }
        log.info('socket refused', { status: error.status, code: error.code });
        return { statusCode: error.status };
      }
    });
}

async function pass(handlers: SocketHandlers, event: SocketEvent): Promise<void> {
  const { connectionId, eventType, connectedAt, requestTimeEpoch } = event.requestContext;
  switch (eventType) {
    case 'CONNECT':
      return handlers.connect({ connectionId, query: event.queryStringParameters ?? {} });
    case 'MESSAGE':
      return handlers.message({
        connectionId,
        text: textOf(event),
        connectedAt: new Date(connectedAt),
        sentAt: new Date(requestTimeEpoch),
      });
    case 'DISCONNECT':
      return handlers.disconnect({ connectionId });
  }
}

function textOf({ body, isBase64Encoded }: SocketEvent): string {
  return isBase64Encoded ? Buffer.from(body ?? '', 'base64').toString() : (body ?? '');
}
