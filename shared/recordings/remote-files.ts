import type { FileEntryWithStats, SFTPWrapper, Stats } from 'ssh2';

export type RemoteFile = { path: string; size: number; modifiedAt: Date };

/** Files on a box, as copying needs them. All reject when the connection goes. */
export type RemoteFiles = {
  /** Plain files of a folder, and of its folders down to `depth`. */
  list(folder: string, options?: { depth?: number }): Promise<RemoteFile[]>;
  /** Undefined when there is no such file. */
  stat(path: string): Promise<RemoteFile | undefined>;
  open(path: string): Promise<RemoteReader>;
  remove(path: string): Promise<void>;
};

export type RemoteReader = {
  /** Fills `buffer` from `position` on; returns how many bytes there were, fewer only at the end of the file. */
  read(buffer: Buffer, position: number): Promise<number>;
  close(): Promise<void>;
};

/** The most that OpenSSH answers in one read; who answers with less is asked for the rest. */
const CHUNK_BYTES = 255 * 1024;
/** Reads under way for one file: together what the window of an SSH channel takes. */
const READS_AT_ONCE = 8;
const NO_SUCH_FILE = 2;
const TYPE_MASK = 0o170000;
const REGULAR = 0o100000;
const FOLDER = 0o040000;

/** A box's files over SFTP. */
export function createRemoteFiles(sftp: SFTPWrapper): RemoteFiles {
  // A request that was on its way when the connection went is never answered. (A race with one promise of its end would
  // keep something of every request until then.)
  const underWay = new Set<(lost: Error) => void>();
  let lost: Error | undefined;
  for (const event of ['close', 'end', 'error'] as const) {
    sftp.on(event, (cause?: unknown) => {
      lost ??= new Error('the connection to the box was cut', { cause });
      for (const reject of underWay) reject(lost);
      underWay.clear();
    });
  }
  const ask = <T>(start: (done: (error: Error | null | undefined, value: T) => void) => void) =>
    new Promise<T>((resolve, reject) => {
      if (lost) throw lost;
      underWay.add(reject);
      start((error, value) => {
        underWay.delete(reject);
        if (error) reject(error);
        else resolve(value);
      });
    });

  async function list(folder: string, { depth = 0 } = {}): Promise<RemoteFile[]> {
    const entries = await ask<FileEntryWithStats[]>((done) => sftp.readdir(folder, done));
    const files: RemoteFile[] = [];
    for (const { filename, attrs } of entries) {
      const path = `${folder.replace(/\/$/, '')}/${filename}`;
      const type = attrs.mode & TYPE_MASK;
      if (type === REGULAR) files.push(toFile(path, attrs));
      else if (type === FOLDER && depth > 0 && !filename.startsWith('.')) {
        files.push(...(await list(path, { depth: depth - 1 })));
      }
    }
    return files;
  }

  return {
    list,
    async stat(path) {
      try {
        return toFile(path, await ask<Stats>((done) => sftp.stat(path, done)));
      } catch (error) {
        if (isNoSuchFile(error)) return undefined;
        throw error;
      }
    },
    async open(path) {
      const handle = await ask<Buffer>((done) => sftp.open(path, 'r', done));
      const readChunk = (buffer: Buffer, offset: number, length: number, position: number) =>
        ask<number>((done) =>
          sftp.read(handle, buffer, offset, length, position, (error, count) =>
            // Servers say the end of a file as an error.
            isEndOfFile(error) ? done(null, 0) : done(error, count),
          ),
        );
      return {
        read: (buffer, position) => fill(buffer, position, readChunk),
        close: () => ask<void>((done) => sftp.close(handle, (error) => done(error, undefined))),
      };
    },
    remove: (path) => ask<void>((done) => sftp.unlink(path, (error) => done(error, undefined))),
  };
}

type ReadChunk = (
  buffer: Buffer,
  offset: number,
  length: number,
  position: number,
) => Promise<number>;

/** Many reads under way at once, straight into the buffer. */
async function fill(buffer: Buffer, position: number, readChunk: ReadChunk): Promise<number> {
  let next = 0;
  let end = buffer.length;
  const work = async (): Promise<void> => {
    while (next < end) {
      const from = next;
      const to = Math.min(from + CHUNK_BYTES, buffer.length);
      next = to;
      let at = from;
      // A server may answer with less than it was asked for.
      while (at < to && at < end) {
        const count = await readChunk(buffer, at, to - at, position + at);
        if (count === 0) {
          end = Math.min(end, at);
          break;
        }
        at += count;
      }
    }
  };
  const results = await Promise.allSettled(Array.from({ length: READS_AT_ONCE }, work));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return Math.min(end, buffer.length);
}

function toFile(path: string, { size, mtime }: Stats): RemoteFile {
  return { path, size, modifiedAt: new Date(mtime * 1000) };
}

function isNoSuchFile(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === NO_SUCH_FILE;
}

function isEndOfFile(error: Error | null | undefined): boolean {
  return error instanceof Error && 'code' in error && error.code === 1;
}
