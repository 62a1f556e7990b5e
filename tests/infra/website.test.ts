import vm from 'node:vm';

import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod';

import { contentSecurityPolicy } from '../../infra/content-security-policy.ts';
import { packageForProduction } from './packaged.ts';

const packaged = await packageForProduction();
afterAll(() => packaged.remove());

const propertiesOf = <T extends z.ZodType>(id: string, schema: T): z.output<T> =>
  schema.parse(packaged.resources[id]?.Properties);

const Behaviour = z.object({ PathPattern: z.string().optional(), TargetOriginId: z.string() });
const Distribution = z.object({
  DistributionConfig: z.object({
    DefaultCacheBehavior: Behaviour,
    CacheBehaviors: z.array(Behaviour),
  }),
});
const Route = z.object({ RouteKey: z.string() });

/** Where the CDN fetches a path from. */
function originOf(path: string): string {
  const { CacheBehaviors, DefaultCacheBehavior } = propertiesOf(
    'WebsiteDistribution',
    Distribution,
  ).DistributionConfig;
  const fits = ({ PathPattern = '' }) =>
    new RegExp(`^${PathPattern.replaceAll('*', '.*')}$`).test(path);
  return (CacheBehaviors.find(fits) ?? DefaultCacheBehavior).TargetOriginId;
}

const Reply = z.union([
  z.object({ uri: z.string() }),
  z.object({
    statusCode: z.number(),
    headers: z.object({ location: z.object({ value: z.string() }) }),
  }),
]);
/** What the function at the CDN makes of a path. */
function rewrite(uri: string) {
  const { FunctionCode } = propertiesOf('WebsiteRoutes', z.object({ FunctionCode: z.string() }));
  const run = `${FunctionCode}\nhandler(${JSON.stringify({ request: { uri } })})`;
  return Reply.parse(vm.runInNewContext(run));
}

describe('one address for the pages and the API', () => {
  const ofBoxes =
    /^(start|dial|bridge|hangup|bridge_create|bridge_leave|bridge_destroy|new_callerid)$/;
  const paths = Object.values(packaged.resources)
    .filter(({ Type }) => Type === 'AWS::ApiGatewayV2::Route')
    .map(({ Properties }) => Route.parse(Properties).RouteKey.split(' ')[1] ?? '')
    .filter((path) => path.startsWith('/') && !ofBoxes.test(path.slice(1)));

  test.each([...new Set(paths)])('%s is the API', (path) => {
    expect(originOf(path)).toBe('api');
  });
  test.each(['/ui/', '/ui/calls', '/ui/assets/index-1a2b.js', '/widget.js'])(
    '%s is a file',
    (path) => expect(originOf(path)).toBe('files'),
  );

  test.each(['/', '/ui'])('%s leads to the pages', (uri) => {
    expect(rewrite(uri)).toMatchObject({
      statusCode: 302,
      headers: { location: { value: '/ui/' } },
    });
  });
  test.each(['/ui/', '/ui/calls', '/ui/enterprise/0367/calls/1.5/'])(
    '%s is a route of the pages',
    (uri) => expect(rewrite(uri)).toEqual({ uri: '/ui/index.html' }),
  );
  test.each(['/ui/assets/index-1a2b.js', '/widget.js'])('%s stays as it is', (uri) => {
    expect(rewrite(uri)).toEqual({ uri });
  });
});

test('scripts and styles come from our own files only', () => {
  const Headers = z.object({
    ResponseHeadersPolicyConfig: z.object({
      SecurityHeadersConfig: z.object({
        ContentSecurityPolicy: z.object({
          ContentSecurityPolicy: z.object({ 'Fn::Sub': z.string() }),
        }),
      }),
    }),
  });
  const { SecurityHeadersConfig } = propertiesOf(
    'WebsiteHeaders',
    Headers,
  ).ResponseHeadersPolicyConfig;
  const sockets = 'wss://${WebsocketsApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}'; // oxlint-disable-line no-template-curly-in-string
  expect(SecurityHeadersConfig.ContentSecurityPolicy.ContentSecurityPolicy['Fn::Sub']).toBe(
    contentSecurityPolicy({ websocket: [sockets], storage: ['https:'] }),
  );
});

test('every bucket is encrypted and closed', () => {
  const Bucket = z.object({
    BucketEncryption: z.object({}),
    PublicAccessBlockConfiguration: z.object({
      BlockPublicAcls: z.literal(true),
      BlockPublicPolicy: z.literal(true),
      IgnorePublicAcls: z.literal(true),
      RestrictPublicBuckets: z.literal(true),
    }),
  });
  const buckets = Object.keys(packaged.resources).filter(
    (id) => packaged.resources[id]?.Type === 'AWS::S3::Bucket',
  );
  expect(buckets).toEqual(expect.arrayContaining(['RecordingsBucket', 'WebsiteBucket']));
  for (const id of buckets) propertiesOf(id, Bucket);
});
