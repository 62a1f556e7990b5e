import { connect } from '../../shared/db.ts';
import { readEnv } from '../../shared/env.ts';
import { socket } from '../../shared/lambda/socket.ts';
import { createListening } from '../../shared/live/listen.ts';
import { createSockets } from '../../shared/live/sockets.ts';

const env = readEnv(['DATABASE_URL', 'WEBSOCKET_ENDPOINT']);

export const handler = socket(
  createListening({
    db: connect(env.DATABASE_URL),
    sockets: createSockets(env.WEBSOCKET_ENDPOINT),
  }),
);
