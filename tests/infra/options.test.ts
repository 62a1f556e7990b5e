import { afterAll, describe, expect, test } from 'vitest';
import * as z from 'zod';

import { packageForProduction } from './packaged.ts';

const VPC = {
  SubnetIds: ['subnet-0a1', 'subnet-0b2'],
  SecurityGroupIds: ['sg-0c3'],
};

// Everything that docs/deploy.md lets one choose, chosen.
const packaged = await packageForProduction({
  VPC_SUBNET_IDS: 'subnet-0a1,subnet-0b2',
  VPC_SECURITY_GROUP_IDS: 'sg-0c3',
  XRAY: '1',
  RESERVE: '0',
  API_DOMAIN: 'api.calls.example.com',
  API_CERTIFICATE_ARN: 'arn:aws:acm:eu-central-1:111122223333:certificate/1',
});
afterAll(() => packaged.remove());

const ofType = (type: string) =>
  Object.entries(packaged.resources).filter(([, resource]) => resource.Type === type);
const functions = ofType('AWS::Lambda::Function').map(([id, { Properties }]) => ({
  id,
  ...Properties,
}));
const Policy = z.object({
  PolicyDocument: z.object({
    Statement: z.array(
      z.object({
        Effect: z.enum(['Allow', 'Deny']),
        Action: z.array(z.string()),
        Resource: z.string(),
      }),
    ),
  }),
});
const allowedBy = (id: string): string[] =>
  Policy.parse(packaged.resources[id]?.Properties)
    .PolicyDocument.Statement.filter(({ Effect }) => Effect === 'Allow')
    .flatMap(({ Action }) => Action);

describe('with every option', () => {
  test.each(functions)('$id stands in the VPC, and is traced', (lambda) => {
    expect(lambda).toMatchObject({ VpcConfig: VPC, TracingConfig: { Mode: 'Active' } });
  });

  test('nothing is reserved in an account that lets nothing be reserved', () => {
    expect(functions.filter((lambda) => 'ReservedConcurrentExecutions' in lambda)).toEqual([]);
  });

  test('the conditions hold', () => {
    expect(packaged.conditions).toMatchObject({
      HasVpc: { 'Fn::Not': [{ 'Fn::Equals': ['yes', ''] }] },
      HasTracing: { 'Fn::Equals': ['1', '1'] },
      HasApiDomain: { 'Fn::Not': [{ 'Fn::Equals': ['api.calls.example.com', ''] }] },
    });
  });

  test('every role of a function is given the rights that go with them, on that condition only', () => {
    const roles = Object.entries(packaged.resources).filter(([id]) =>
      functions.some((lambda) => JSON.stringify(lambda).includes(`"Role":{"Fn::GetAtt":["${id}"`)),
    );
    expect(roles).toHaveLength(functions.length);
    for (const [id, { Properties }] of roles) {
      expect(Properties['ManagedPolicyArns'], id).toEqual([
        { 'Fn::If': ['HasVpc', { Ref: 'NetworkInterfacesPolicy' }, { Ref: 'AWS::NoValue' }] },
        { 'Fn::If': ['HasTracing', { Ref: 'TracingPolicy' }, { Ref: 'AWS::NoValue' }] },
      ]);
    }
  });

  test('these rights are the ones AWS asks for, each by its name', () => {
    expect(allowedBy('TracingPolicy')).toEqual([
      'xray:PutTraceSegments',
      'xray:PutTelemetryRecords',
    ]);
    expect(allowedBy('NetworkInterfacesPolicy')).toEqual([
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:AssignPrivateIpAddresses',
      'ec2:UnassignPrivateIpAddresses',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
    ]);
  });

  test('the API answers at its own address', () => {
    expect(packaged.resources['ApiDomain']?.Properties).toMatchObject({
      DomainName: 'api.calls.example.com',
      DomainNameConfigurations: [{ SecurityPolicy: 'TLS_1_2' }],
    });
    expect(packaged.resources['ApiDomainMapping']?.Properties).toMatchObject({
      ApiId: { Ref: 'HttpApi' },
      DomainName: { Ref: 'ApiDomain' },
    });
  });
});
