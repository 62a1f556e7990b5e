// Mends what `postgres` 3.4.9 does when its server goes away; runs after every install, so that the bundles have it too.
// - A write after the connection is closed (its own ROLLBACK, above all) throws outside of every promise and ends the
//   process; when somebody catches that, the connection never comes back (porsager/postgres issues 1133, 1208).
// - A transaction whose connection was lost goes on in a new connection, outside of any transaction, or inside another
//   one (issue 1216).
// docs/findings.md tells the story, tests/shared/lost-connection.pg.test.ts fails without it.
import { mend } from './mend.mjs';

const CONNECTION = [
  [
    `  function nextWrite(fn) {
    const x = socket.write(chunk, fn)`,
    `  function nextWrite(fn) {
    if (!socket) {
      forgetWrites()
      error(Errors.connection('CONNECTION_CLOSED', options))
      return false
    }
    const x = socket.write(chunk, fn)`,
  ],
  [
    `  function connectTimedOut() {`,
    `  function forgetWrites() {
    clearImmediate(nextWriteTimer)
    chunk = nextWriteTimer = null
  }

  function connectTimedOut() {`,
  ],
  [
    `    incomings = null
    clearImmediate(nextWriteTimer)
    socket.removeListener('data', data)`,
    `    incomings = null
    forgetWrites()
    socket.removeListener('data', data)`,
  ],
  [
    `    !hadError && (query || sent.length) && error(Errors.connection('CONNECTION_CLOSED', options, socket))
    closedTime`,
    `    ;(query || sent.length) && error(Errors.connection('CONNECTION_CLOSED', options, socket))
    query = results = errorResponse = null
    result = new Result()
    closedTime`,
  ],
];

const TRANSACTIONS = [
  [
    `      , connection
      , prepare = null

    try {`,
    `      , connection
      , prepare = null
      , lost = null

    try {`,
  ],
  [
    `new Promise((_, reject) => connection.onclose = reject)
      ])
    } catch (error) {
      throw error`,
    `new Promise((_, reject) => connection.onclose = error => {
          lost = error
          while (queries.length)
            queries.shift().reject(error)
          reject(error)
        })
      ])
    } catch (error) {
      throw error`,
  ],
  [
    `        q.catch(e => uncaughtError || (uncaughtError = e))
        c.queue === full`,
    `        q.catch(e => uncaughtError || (uncaughtError = e))
        if (lost)
          return q.reject(lost)
        c.queue === full`,
  ],
];

for (const source of ['src', 'cjs/src']) {
  mend('postgres', '3.4.9', `${source}/connection.js`, CONNECTION);
  mend('postgres', '3.4.9', `${source}/index.js`, TRANSACTIONS);
}
