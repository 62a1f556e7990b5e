import type { Ports } from './ports.ts';

export type Address = { what: string; where: string };
/** Parts that this stack runs itself; the others are where the caller's environment says. */
export type OwnParts = { postgres: boolean; aws: boolean; peers: boolean };

type Facts = { ports: Ports; own: OwnParts; environment: Record<string, string> };

/** Only what is there: a part that was not started is not announced. */
export function addressesOf({ ports, own, environment }: Facts): Address[] {
  const yours = (name: string): string => `${hostOf(environment[name])} (yours, by ${name})`;
  return [
    { what: 'web', where: `http://127.0.0.1:${ports.web}` },
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

/** Stands in for the admin pages until they are built. */
export function addressesPage(addresses: Address[]): string {
  const rows = addresses.map(({ what, where }) => {
    const shown = where.startsWith('http')
      ? `<a href="${where}">${where}</a>`
      : `<code>${where}</code>`;
    return `<tr><th>${what}</th><td>${shown}</td></tr>`;
  });
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><link rel="icon" href="data:,"><title>Trunkline, local stack</title>
<style>body{font:16px/1.5 system-ui;margin:3rem auto;max-width:44rem;padding:0 1rem}th{text-align:left;padding-right:2rem;font-weight:500}</style>
</head>
<body>
<h1>Trunkline, local stack</h1>
<p>The admin pages are not built in this checkout. The stack itself is up:</p>
<table>
${rows.join('\n')}
</table>
<p><a href="/health">/health</a> answers when the functions run.</p>
</body>
</html>
`;
}
