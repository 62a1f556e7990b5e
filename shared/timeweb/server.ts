import type { TimewebServer } from './schema.ts';

const OS_NAMES: Record<string, string> = {
  almalinux: 'AlmaLinux',
  archlinux: 'Arch Linux',
  astralinux: 'Astra Linux',
  bitrix: 'Bitrix',
  brainycp: 'BrainyCP',
  centos: 'CentOS',
  freebsd: 'FreeBSD',
  routeros: 'RouterOS',
};
const MB_PER_GB = 1024;

/** `2 CPU / 2GB RAM / 25GB SSD / Ubuntu 22.04`; what is unknown is left out, null when nothing is known. */
export function parseConfiguration({ cpu, ram, disks, os }: TimewebServer): string | null {
  const known = (disks ?? []).flatMap((disk) => disk ?? []);
  const size = known.reduce((sum, disk) => sum + (disk.size ?? 0), 0);
  const isHdd = known.length > 0 && known.every(({ type }) => type === 'hdd');
  const parts = [
    cpu !== null && `${cpu} CPU`,
    ram !== null && `${toGb(ram)}GB RAM`,
    size > 0 && `${toGb(size)}GB ${isHdd ? 'HDD' : 'SSD'}`,
    os?.name && [OS_NAMES[os.name] ?? capitalise(os.name), os.version].filter(Boolean).join(' '),
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(' / ') : null;
}

/** The main public IPv4 address, else another public one; null when none is known. */
export function getPrimaryIp({ networks }: TimewebServer): string | null {
  const ips = (networks ?? [])
    .flatMap((network) => (network?.type === 'public' ? (network.ips ?? []) : []))
    .flatMap((address) => (address?.ip ? [{ ...address, ip: address.ip }] : []));
  const found =
    ips.find(({ type, is_main: isMain }) => type === 'ipv4' && isMain) ??
    ips.find(({ type }) => type === 'ipv4') ??
    ips.find(({ is_main: isMain }) => isMain);
  return found?.ip ?? null;
}

const toGb = (megabytes: number): number => Math.round((megabytes / MB_PER_GB) * 10) / 10;
const capitalise = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
