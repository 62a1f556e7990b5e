import type { Ports } from './ports.ts';

export type Address = { what: string; where: string };
/** Parts that this stack runs itself; the others are where the caller's environment says. */
export type OwnParts = { postgres: boolean; aws: boolean; peers: boolean };

type Facts = { ports: Ports; own: OwnParts; environment: Record<string, string> };

/** Only what is there: a part that was not started is not announced. */
export function addressesOf({ ports, own, environment }: Facts): Address[] {
  const yours = (name: string): string => `${hostOf(environment[name])} (yours, by ${name})`;
  return [
    { what: 'admin', where: `http://127.0.0.1:${ports.web}/ui/` },
    { what: 'HTTP API', where: `http://127.0.0.1:${ports.http}` },
    { what: 'WebSocket API', where: `ws://127.0.0.1:${ports.websocket}` },
    {
      what: 'PostgreSQL',
      where: own.postgres ? `${environment['DATABASE_URL']}` : yours('DATABASE_URL'),
    },
    ...(own.aws
      ? [{ what: 'SQS and S3', where: `http://127.0.0.1:${ports.aws}` }]
      : [
          { what: 'SQS', where: yours('SQS_ENDPOINT') },
          { what: 'S3', where: yours('S3_ENDPOINT') },
        ]),
    ...(own.peers
      ? [
          { what: 'outside world (simulated)', where: `http://127.0.0.1:${ports.peers}` },
          { what: 'Asterisk (simulated)', where: `ssh root@127.0.0.1 -p ${ports.asterisk}` },
        ]
      : []),
  ];
}

/** Without user and password: the address of somebody's real database is not for the screen. */
function hostOf(url = ''): string {
  return URL.parse(url)?.host ?? url;
}
