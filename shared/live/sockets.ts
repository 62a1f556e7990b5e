import {
  ApiGatewayManagementApiClient,
  ApiGatewayManagementApiServiceException,
  DeleteConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';

import type { VisitorServerFrame } from '../chat/visitor.schema.ts';
import type { ServerFrame } from './live.schema.ts';

/** The connections that the gateway holds for us. */
export type Sockets = {
  /** Rejects when the gateway does not answer in time or refuses. */
  send(connectionId: string, frame: ServerFrame | VisitorServerFrame): Promise<'sent' | 'gone'>;
  /** Does nothing when the connection is gone already. */
  close(connectionId: string): Promise<void>;
};

/** Whoever cannot be reached within this time has missed this frame: the next one shows the call as it is then. */
const TIMEOUT_MS = 1_000;

export function createSockets(endpoint: string, { timeoutMs = TIMEOUT_MS } = {}): Sockets {
  const client = new ApiGatewayManagementApiClient({ endpoint, maxAttempts: 1 });
  const inTime = () => ({ abortSignal: AbortSignal.timeout(timeoutMs) });

  return {
    async send(connectionId, frame) {
      const post = { ConnectionId: connectionId, Data: JSON.stringify(frame) };
      try {
        await client.send(new PostToConnectionCommand(post), inTime());
        return 'sent';
      } catch (error) {
        if (isGone(error)) return 'gone';
        throw error;
      }
    },
    async close(connectionId) {
      try {
        await client.send(new DeleteConnectionCommand({ ConnectionId: connectionId }), inTime());
      } catch (error) {
        if (!isGone(error)) throw error;
      }
    },
  };
}

/** By its status: emulators do not name the error. */
function isGone(error: unknown): boolean {
  return (
    error instanceof ApiGatewayManagementApiServiceException &&
    error.$metadata.httpStatusCode === 410
  );
}
