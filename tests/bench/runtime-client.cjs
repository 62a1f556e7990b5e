// The part of Lambda's runtime that a cold start consists of: loads the artefact, asks the Runtime API for an event,
// hands it to the handler, posts the answer. JavaScript, so that nothing but the artefact has to be read.
// usage: runtime-client.cjs <artefact without extension>.handler, as in the configuration of a function
const { get, request } = require('node:http');
const path = require('node:path');

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;
const { handler } = require(path.resolve(process.argv[2].replace(/\.handler$/, '.cjs')));

get(`${api}/next`, (response) => {
  const id = response.headers['lambda-runtime-aws-request-id'];
  let text = '';
  response.setEncoding('utf8').on('data', (part) => (text += part));
  response.on('end', async () => {
    const context = { awsRequestId: id, functionName: process.env.AWS_LAMBDA_FUNCTION_NAME };
    const answer = await handler(JSON.parse(text), context);
    request(`${api}/${id}/response`, { method: 'POST' }).end(JSON.stringify(answer));
  });
});
