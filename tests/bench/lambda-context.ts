import type { Context } from 'aws-lambda';

/** What Lambda tells a function about itself. */
export const lambdaContext: Context = {
  callbackWaitsForEmptyEventLoop: true,
  functionName: 'trunkline-prod-call-events',
  functionVersion: '$LATEST',
  invokedFunctionArn:
    'arn:aws:lambda:eu-central-1:000000000000:function:trunkline-prod-call-events',
  memoryLimitInMB: '512',
  awsRequestId: '00000000-0000-4000-8000-000000000000',
  logGroupName: '/aws/lambda/trunkline-prod-call-events',
  logStreamName: '2025/09/16/[$LATEST]bench',
  getRemainingTimeInMillis: () => 10_000,
  done: () => {},
  fail: () => {},
  succeed: () => {},
};
