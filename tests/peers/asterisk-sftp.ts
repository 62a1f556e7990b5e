import path from 'node:path';

import ssh2, { type SFTPWrapper } from 'ssh2';

import type { BoxFiles } from './sftp-files.ts';

const { STATUS_CODE: CODE, OPEN_MODE } = ssh2.utils.sftp;
const REGULAR = 0o100644;
const FOLDER = 0o040755;
const NAMES_AT_ONCE = 100;
const LARGEST_READ = 256 * 1024;

/** Serves one session's SFTP subsystem as OpenSSH does: relative to nothing, read and delete only. */
export function serveSftp(sftp: SFTPWrapper, files: BoxFiles, cut: () => void): void {
  const open = new Map<number, { path: string; listing?: string[] }>();
  let handles = 0;
  const handleOf = (entry: { path: string; listing?: string[] }): Buffer => {
    const handle = Buffer.alloc(4);
    handle.writeUInt32BE(handles);
    open.set(handles, entry);
    handles += 1;
    return handle;
  };
  const opened = (handle: Buffer) => open.get(handle.readUInt32BE(0));
  const attributes = (name: string) => {
    const file = files.files.get(name);
    const seconds = file ? Math.floor(+file.modifiedAt / 1000) : 0;
    const isFolder = !file && namesIn(name).length > 0;
    if (!file && !isFolder) return undefined;
    return {
      mode: file ? REGULAR : FOLDER,
      uid: 0,
      gid: 0,
      size: file?.size ?? 4096,
      atime: seconds,
      mtime: seconds,
    };
  };
  const namesIn = (folder: string): string[] => {
    const prefix = folder.endsWith('/') ? folder : `${folder}/`;
    const inside = [...files.files.keys()].filter((name) => name.startsWith(prefix));
    return [...new Set(inside.map((name) => name.slice(prefix.length).split('/')[0] ?? ''))];
  };
  const later = (answer: () => void) => {
    const { delayMs } = files.faults();
    if (delayMs) setTimeout(answer, delayMs);
    else answer();
  };
  const missing = (id: number) => sftp.status(id, CODE.NO_SUCH_FILE, 'No such file');

  const stat = (id: number, name: string) => {
    if (files.cutsAt('stat')) return cut();
    later(() => {
      const found = attributes(path.posix.normalize(name));
      if (found) sftp.attrs(id, found);
      else missing(id);
    });
  };
  sftp.on('error', () => {});
  sftp.on('STAT', stat);
  sftp.on('LSTAT', stat);
  sftp.on('FSTAT', (id, handle) => stat(id, opened(handle)?.path ?? ''));
  sftp.on('REALPATH', (id, name) => {
    const filename = path.posix.normalize(name);
    sftp.name(id, [{ filename, longname: filename, attrs: attributes('/') ?? EMPTY }]);
  });
  sftp.on('OPENDIR', (id, name) => {
    const folder = path.posix.normalize(name);
    const listing = namesIn(folder);
    if (listing.length === 0 && !attributes(folder)) return missing(id);
    sftp.handle(id, handleOf({ path: folder, listing }));
  });
  sftp.on('READDIR', (id, handle) => {
    if (files.cutsAt('readdir')) return cut();
    const entry = opened(handle);
    const names = entry?.listing?.splice(0, NAMES_AT_ONCE) ?? [];
    if (!entry || names.length === 0) return sftp.status(id, CODE.EOF, 'End of file');
    later(() =>
      sftp.name(
        id,
        names.map((filename) => ({
          filename,
          longname: filename,
          attrs: attributes(`${entry.path.replace(/\/$/, '')}/${filename}`) ?? EMPTY,
        })),
      ),
    );
  });
  sftp.on('OPEN', (id, name, flags) => {
    if (files.cutsAt('open')) return cut();
    const wanted = path.posix.normalize(name);
    if (flags !== OPEN_MODE.READ) {
      return sftp.status(id, CODE.PERMISSION_DENIED, 'Permission denied');
    }
    if (!files.files.has(wanted)) return missing(id);
    later(() => sftp.handle(id, handleOf({ path: wanted })));
  });
  sftp.on('READ', (id, handle, offset, length) => {
    if (files.cutsAt('read')) return cut();
    const entry = opened(handle);
    const file = entry && files.files.get(entry.path);
    if (!file) return sftp.status(id, CODE.FAILURE, 'Failure');
    const count = Math.min(length, LARGEST_READ, file.size - offset);
    if (count <= 0) return sftp.status(id, CODE.EOF, 'End of file');
    if (files.cutsAfter(count)) return cut();
    const bytes = Buffer.allocUnsafe(count);
    file.fill(bytes, offset);
    later(() => sftp.data(id, bytes));
  });
  sftp.on('CLOSE', (id, handle) => {
    if (files.cutsAt('close')) return cut();
    open.delete(handle.readUInt32BE(0));
    sftp.status(id, CODE.OK);
  });
  sftp.on('REMOVE', (id, name) => {
    if (files.cutsAt('unlink')) return cut();
    const done = files.remove(path.posix.normalize(name));
    if (done === 'absent') return missing(id);
    if (done === 'refused') return sftp.status(id, CODE.PERMISSION_DENIED, 'Permission denied');
    sftp.status(id, CODE.OK);
  });
  for (const refused of ['WRITE', 'SETSTAT', 'FSETSTAT', 'MKDIR', 'RMDIR', 'RENAME'] as const) {
    sftp.on(refused, (id: number) => sftp.status(id, CODE.PERMISSION_DENIED, 'Permission denied'));
  }
}

const EMPTY = { mode: FOLDER, uid: 0, gid: 0, size: 0, atime: 0, mtime: 0 };
