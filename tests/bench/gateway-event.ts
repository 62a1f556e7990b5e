import { randomUUID } from 'node:crypto';

import type { APIGatewayProxyEventV2 } from 'aws-lambda';

import type { BoxEvent } from './box-events.ts';

/** What API Gateway hands to a function when a box's curl posts an event: payload 2.0, the form body in base64. */
export function gatewayEvent({ kind, body }: BoxEvent): APIGatewayProxyEventV2 {
  const rawPath = `/api/callevent/${kind}`;
  const text = JSON.stringify(body);
  return {
    version: '2.0',
    routeKey: 'POST /api/callevent/{event}',
    rawPath,
    rawQueryString: '',
    headers: {
      accept: '*/*',
      'content-length': String(Buffer.byteLength(text)),
      'content-type': 'application/x-www-form-urlencoded',
      host: 'calls.example.com',
      'user-agent': 'curl/7.88.1',
      'x-amzn-trace-id': 'Root=1-68c97b74-0c1d2e3f405162738495a6b7',
      'x-forwarded-for': '198.51.100.7',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
    },
    requestContext: {
      accountId: '000000000000',
      apiId: 'bench',
      domainName: 'calls.example.com',
      domainPrefix: 'calls',
      http: {
        method: 'POST',
        path: rawPath,
        protocol: 'HTTP/1.1',
        sourceIp: '198.51.100.7',
        userAgent: 'curl/7.88.1',
      },
      requestId: randomUUID(),
      routeKey: 'POST /api/callevent/{event}',
      stage: '$default',
      time: '16/Sep/2025:14:02:44 +0000',
      timeEpoch: Date.now(),
    },
    pathParameters: { event: kind },
    body: Buffer.from(text).toString('base64'),
    isBase64Encoded: true,
  };
}
