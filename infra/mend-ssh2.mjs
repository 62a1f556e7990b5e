// Mends what makes `ssh2` 1.17.0 slow where recordings are read; runs after every install, so that the bundles have it too.
// - It makes a cipher for every packet from a key in a Buffer. Since Node 24.18 that throws and catches two errors inside
//   of Node (seen up to 24.21; not in 24.17, 22.22 and 26.10): a third of the processor time of a copy.
// - It puts every answer of 255 KB together in memory of its own, which the collector has to find again. Only for a
//   client: what a server was sent is kept by others.
// docs/findings.md has the figures, `npm run bench -- --only recording-copy` shows them.
import { mend } from './mend.mjs';

mend('ssh2', '1.17.0', 'lib/protocol/crypto.js', [
  [
    `createCipheriv, createDecipheriv, createHmac, randomFillSync,`,
    `createCipheriv, createDecipheriv, createHmac, createSecretKey, randomFillSync,`,
  ],
  [`this._encKey = enc.cipherKey;`, `this._encKey = createSecretKey(enc.cipherKey);`],
  [`this._decipherKey = dec.decipherKey;`, `this._decipherKey = createSecretKey(dec.decipherKey);`],
]);

mend('ssh2', '1.17.0', 'lib/protocol/SFTP.js', [
  [
    `  // This handles incoming data to parse
  push(data) {`,
    `  _room(length) {
    if (this.server || length < 65536)
      return Buffer.allocUnsafe(length);
    this._answers ??= Buffer.allocUnsafeSlow(this._maxInPktLen);
    return this._answers.subarray(0, length);
  }
  // This handles incoming data to parse
  push(data) {`,
  ],
  [
    `          if (!this._pkt)
              this._pkt = Buffer.allocUnsafe(this._pktLen);
            this._pkt.set(
              new Uint8Array(`,
    `          if (!this._pkt)
              this._pkt = this._room(this._pktLen);
            this._pkt.set(
              new Uint8Array(`,
  ],
  [
    `          if (!this._pkt)
            this._pkt = Buffer.allocUnsafe(this._pktLen);
          this._pkt.set(data`,
    `          if (!this._pkt)
            this._pkt = this._room(this._pktLen);
          this._pkt.set(data`,
  ],
]);
