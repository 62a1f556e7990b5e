import type { APIGatewayProxyEvent, APIGatewayProxyEventV2 } from 'aws-lambda';

/** API Gateway sends payload 2.0 (a function URL too) or 1.0. */
export type HttpEvent = APIGatewayProxyEventV2 | APIGatewayProxyEvent;

/** A request, whichever payload version brought it. Header names are in lower case. */
export type HttpRequest = {
  requestId: string;
  method: string;
  path: string;
  params: Record<string, string>;
  query: Record<string, string>;
  headers: Record<string, string>;
  sourceIp: string;
  /** The exact bytes received. */
  rawBody: Buffer;
};

/** Reads either payload version. `params` is filled by the router. */
export function toRequest(event: HttpEvent): HttpRequest {
  const common = {
    params: {},
    rawBody: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    requestId: event.requestContext.requestId,
  };
  if (isVersion2(event)) {
    const { method, sourceIp } = event.requestContext.http;
    // Payload 2.0 takes the cookies out of the headers.
    const cookies = event.cookies?.length ? { cookie: event.cookies.join('; ') } : {};
    const headers = { ...lowerCased(event.headers), ...cookies };
    const query = withoutGaps(event.queryStringParameters ?? {});
    return { ...common, headers, query, method, sourceIp, path: event.rawPath };
  }
  const { httpMethod: method, path } = event;
  const { sourceIp } = event.requestContext.identity;
  const headers = lowerCased(withRepeated(event.headers, event.multiValueHeaders));
  const { queryStringParameters, multiValueQueryStringParameters } = event;
  const query = withRepeated(queryStringParameters ?? {}, multiValueQueryStringParameters);
  return { ...common, headers, query: withoutGaps(query), method, path, sourceIp };
}

function isVersion2(event: HttpEvent): event is APIGatewayProxyEventV2 {
  return 'version' in event && event.version === '2.0';
}

type Single = Record<string, string | undefined>;

/** Payload 1.0 holds only the last of a name that came several times; 2.0 joins them with commas. */
function withRepeated(
  single: Single,
  multiple: Record<string, string[] | undefined> | null,
): Single {
  const repeated = Object.entries(multiple ?? {}).flatMap(([name, values]) =>
    values && values.length > 1 ? [[name, values.join(',')]] : [],
  );
  return { ...single, ...Object.fromEntries(repeated) };
}

function lowerCased(headers: Record<string, string | undefined>): Record<string, string> {
  const entries = Object.entries(withoutGaps(headers));
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value]));
}

function withoutGaps(record: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
