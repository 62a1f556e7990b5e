/** The files of a simulated box: recordings that grow, close, stay open, are gaps of gigabytes; and its bad days. */

export type BoxFile = {
  size: number;
  modifiedAt: Date;
  /** The bytes from `offset` on, into `into`. */
  fill: (into: Buffer, offset: number) => void;
};

export type SftpFaults = {
  /** The connection is cut after so many bytes were read (over all files). */
  cutAfterBytes?: number | undefined;
  /** The connection is cut when this is asked. */
  cutAt?: 'readdir' | 'stat' | 'open' | 'read' | 'close' | 'unlink' | undefined;
  /** Only from the n-th such request on. */
  cutAtCount?: number | undefined;
  /** Nothing may be deleted. */
  readOnly?: boolean | undefined;
  /** Answers are late. */
  delayMs?: number | undefined;
};

export type BoxFiles = ReturnType<typeof createBoxFiles>;

const HEADER = 44;
export const BYTES_PER_SECOND = 16_000;

/** The header as Asterisk writes it: PCM, 16 bit, mono, 8000 Hz; sizes of 0 while it records. */
export function wavHeader(dataBytes: number, { closed = true } = {}): Buffer {
  const header = Buffer.alloc(HEADER);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(closed ? dataBytes + 36 : 0, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(8000, 24);
  header.writeUInt32LE(BYTES_PER_SECOND, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(closed ? dataBytes : 0, 40);
  return header;
}

/** A soft tone, so that a player has something to play. */
function toneAt(sample: number, hertz: number): number {
  return Math.round(6000 * Math.sin((2 * Math.PI * hertz * sample) / 8000));
}

/** A recording of that many seconds. */
export function tone(seconds: number, hertz = 440, { closed = true } = {}): Buffer {
  const samples = Math.round(seconds * 8000);
  const body = Buffer.alloc(samples * 2);
  for (let index = 0; index < samples; index += 1)
    body.writeInt16LE(toneAt(index, hertz), index * 2);
  return Buffer.concat([wavHeader(body.length, { closed }), body]);
}

export function createBoxFiles({ now = () => Date.now() } = {}) {
  const files = new Map<string, BoxFile>();
  const removed: string[] = [];
  let faults: SftpFaults = {};
  let skewMs = 0;
  let full = false;
  let readBytes = 0;
  const asked = new Map<string, number>();

  const clock = () => new Date(Math.floor((now() + skewMs) / 1000) * 1000);
  const fillFrom = (bytes: Buffer) => (into: Buffer, offset: number) =>
    void bytes.copy(into, 0, offset, offset + into.length);

  return {
    files,
    removed,
    /** Puts a file there. @param ageSeconds how long ago it was changed, by the box's clock */
    put(path: string, bytes: Buffer, { ageSeconds = 0 } = {}) {
      const modifiedAt = new Date(+clock() - ageSeconds * 1000);
      files.set(path, { size: bytes.length, modifiedAt, fill: fillFrom(bytes) });
    },
    /** A file of that size which takes no room: zeros after its first bytes. */
    putSparse(path: string, first: Buffer, size: number, { ageSeconds = 0 } = {}) {
      files.set(path, {
        size,
        modifiedAt: new Date(+clock() - ageSeconds * 1000),
        fill(into, offset) {
          into.fill(0);
          if (offset < first.length) first.copy(into, 0, offset);
        },
      });
    },
    /** Asterisk writes on, unless the disk is full. */
    append(path: string, more: Buffer) {
      const file = files.get(path);
      if (!file || full) return;
      const before = Buffer.alloc(file.size);
      file.fill(before, 0);
      const bytes = Buffer.concat([before, more]);
      files.set(path, { size: bytes.length, modifiedAt: clock(), fill: fillFrom(bytes) });
    },
    /** Asterisk closes the file: now its header says how long it is. On a full disk it cannot. */
    close(path: string) {
      const file = files.get(path);
      if (!file || full) return;
      const bytes = Buffer.alloc(file.size);
      file.fill(bytes, 0);
      wavHeader(file.size - HEADER).copy(bytes);
      files.set(path, { size: bytes.length, modifiedAt: clock(), fill: fillFrom(bytes) });
    },
    text(path: string, content: string, options?: { ageSeconds?: number }) {
      this.put(path, Buffer.from(content), options);
    },
    /** The box's clock is that much ahead. */
    skew(ms: number) {
      skewMs = ms;
    },
    fillDisk(isFull: boolean) {
      full = isFull;
    },
    fault(wanted: SftpFaults) {
      faults = wanted;
      readBytes = 0;
      asked.clear();
    },
    reset() {
      files.clear();
      removed.length = 0;
      faults = {};
      skewMs = 0;
      full = false;
      readBytes = 0;
      asked.clear();
    },
    /** For the server: whether the connection is to be cut instead of an answer. */
    cutsAt(request: NonNullable<SftpFaults['cutAt']>): boolean {
      const count = (asked.get(request) ?? 0) + 1;
      asked.set(request, count);
      return faults.cutAt === request && count >= (faults.cutAtCount ?? 1);
    },
    cutsAfter(bytes: number): boolean {
      readBytes += bytes;
      return faults.cutAfterBytes !== undefined && readBytes > faults.cutAfterBytes;
    },
    faults: () => faults,
    remove(path: string): 'removed' | 'absent' | 'refused' {
      if (faults.readOnly) return 'refused';
      if (!files.delete(path)) return 'absent';
      removed.push(path);
      return 'removed';
    },
    readBytes: () => readBytes,
  };
}
