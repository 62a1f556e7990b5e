// Mends what makes `ssh2` 1.17.0 slow and large where recordings are read; runs after every install, so that the bundles
// have it too. docs/findings.md has the figures, `npm run bench -- --only recording-copy` shows them.
// - It makes a cipher for every packet from a key in a Buffer. Since Node 24.18 that throws and catches two errors inside
//   of Node (seen up to 24.21; not in 24.17, 22.22 and 26.10): a third of the processor time of a copy.
// - It puts every answer of 255 KB together in memory of its own, which the collector has to find again. Only for a
//   client: what a server was sent is kept by others.
// - A cipher makes new memory for all that it decrypts: 30 MB wait for the collector, and it runs all the time. Pieces of
//   a packet are given back once they are in the packet (`isOwn` says that nobody else knows their memory), and a packet
//   once SFTP has copied all of it, which it does with the answers of files and with nothing else.
// - Where a compiler is at hand, its installation may build ciphers that decrypt in place: in the memory that
//   shared/asterisk/received.ts uses again. They are not loaded, there as little as in the bundles.
import { mend } from './mend.mjs';

const pieces = `        if (decrypted.length) {
          if (nb === this._len) {
            this._packet = decrypted;
          } else {
            if (!this._packet)
              this._packet = Buffer.allocUnsafe(this._len);
            this._packet.set(decrypted, this._packetPos);
          }
          this._packetPos += decrypted.length;
        }
`;
const mendedPieces = `        if (decrypted.length) {
          this._packetPos += decrypted.length;
          if (nb === this._len) {
            this._packet = own(decrypted);
          } else {
            if (!this._packet)
              this._packet = own(Buffer.allocUnsafeSlow(this._len));
            this._packet.set(decrypted, this._packetPos - decrypted.length);
            giveBack(own(decrypted));
          }
        }
`;
const giveBack = `function giveBack({ buffer }) {
  if (buffer.isOwn)
    buffer.transfer(0);
}

`;
const lastOfGcm = `          decrypted = this._decipherInstance.update(data);
        }
`;
const lastOfOthers = `        const decrypted = this._decipherInstance.update(encrypted);
`;

mend('ssh2', '1.17.0', 'lib/protocol/crypto.js', [
  [
    `createCipheriv, createDecipheriv, createHmac, randomFillSync,`,
    `createCipheriv, createDecipheriv, createHmac, createSecretKey, randomFillSync,`,
  ],
  [`this._encKey = enc.cipherKey;`, `this._encKey = createSecretKey(enc.cipherKey);`],
  [`this._decipherKey = dec.decipherKey;`, `this._decipherKey = createSecretKey(dec.decipherKey);`],
  [
    `  binding = require('./crypto/build/Release/sshcrypto.node');
  ({ AESGCMCipher, ChaChaPolyCipher, GenericCipher,
     AESGCMDecipher, ChaChaPolyDecipher, GenericDecipher } = binding);
`,
    '',
  ],
  [
    `class NullDecipher {`,
    `// Only what fills its memory: the rest of that would be somebody else's.
function own(bytes) {
  bytes.buffer.isOwn = (bytes.length === bytes.buffer.byteLength);
  return bytes;
}

class NullDecipher {`,
  ],
  [`class NullDecipher {`, `${giveBack}class NullDecipher {`],
  [lastOfGcm + pieces, lastOfGcm + mendedPieces],
  [lastOfOthers + pieces, lastOfOthers + mendedPieces],
  [
    `          this._packet = Buffer.allocUnsafe(this._len);
          this._packet.set(
            new Uint8Array(decrypted.buffer,`,
    `          this._packet = own(Buffer.allocUnsafeSlow(this._len));
          this._packet.set(
            new Uint8Array(decrypted.buffer,`,
  ],
]);

mend('ssh2', '1.17.0', 'lib/protocol/SFTP.js', [
  [`class SFTP extends EventEmitter {`, `${giveBack}class SFTP extends EventEmitter {`],
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
    `    let p = 0;

    while (p < data.length) {
      if (this._pktLenBytes < 4) {`,
    `    let p = 0;
    let isKept = false;

    while (p < data.length) {
      if (this._pktLenBytes < 4) {`,
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
  [
    `        if (this._pktPos < this._pktLen)
          return;
      }

      const type = this._pkt[0];`,
    `        if (this._pktPos < this._pktLen) {
          if (!isKept)
            giveBack(data);
          return;
        }
      }

      const type = this._pkt[0];
      isKept ||= (type !== RESPONSE.DATA);`,
  ],
  [
    `      if (handler(this, payload) === false)
        return;
    }
`,
    `      if (handler(this, payload) === false)
        return;
    }
    if (!isKept)
      giveBack(data);
`,
  ],
]);
