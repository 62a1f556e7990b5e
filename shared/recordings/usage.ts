import type * as z from 'zod';

import type { Pool } from '../db.ts';
import { listOrphans, sumUsage, type UsageRow } from './admin.sql.ts';
import type { StorageUsage } from './storage.schema.ts';

/** Hetzner's prices: a base with some of both in it, and what is beyond. */
const BASE_EUR = 4.99;
const STORAGE_EUR_PER_TB = 4.99;
const TRAFFIC_EUR_PER_TB = 1;
const INCLUDED_TB = { storage: 1, traffic: 1 };
const LIMITS = { objects: 50_000_000, terabytes: 100 };
const GB = 1e9;
const TB = 1e12;
const SHOWN_ORPHANS = 100;

/** What is stored, what it costs, and how near the limits it is. */
export async function getUsage(db: Pool): Promise<z.output<typeof StorageUsage>> {
  const [rows, { orphans, total }] = await Promise.all([
    sumUsage(db),
    listOrphans(db, SHOWN_ORPHANS),
  ]);
  const files = sum(rows, ({ files: count }) => count);
  const bytes = sum(rows, (row) => row.bytes);
  const traffic = sum(rows, (row) => row.traffic);
  return {
    total_files: files,
    total_size_gb: gigabytes(bytes),
    included: {
      storage_tb: INCLUDED_TB.storage,
      traffic_tb: INCLUDED_TB.traffic,
      storage_left_gb: Math.max(0, gigabytes(INCLUDED_TB.storage * TB - bytes)),
      traffic_left_gb: Math.max(0, gigabytes(INCLUDED_TB.traffic * TB - traffic)),
    },
    estimated_cost_eur: costOf(bytes, traffic),
    traffic_gb: gigabytes(traffic),
    traffic_is_estimated: true,
    share_of_limits: {
      objects: rounded(files / LIMITS.objects, 6),
      size: rounded(bytes / (LIMITS.terabytes * TB), 6),
    },
    by_enterprise: groupBy(rows, ({ enterpriseNumber }) => enterpriseNumber).map(
      ([number, own]) => ({
        enterprise_number: number,
        name: own[0]?.name ?? number,
        ...totals(own),
      }),
    ),
    by_month: groupBy(rows, ({ month }) => month)
      .toSorted(([one], [other]) => (one < other ? 1 : -1))
      .map(([month, own]) => ({ month, ...totals(own) })),
    orphans: {
      total,
      items: orphans.map(({ key, kind, enterpriseNumber, size, foundAt }) => ({
        key,
        kind,
        enterprise_number: enterpriseNumber,
        size,
        found_at: foundAt.toISOString(),
      })),
    },
  };
}

/** Begun terabytes count as they are: Hetzner bills by the hour and gigabyte. */
export function costOf(bytes: number, traffic: number): number {
  const beyond = (used: number, included: number) => Math.max(0, used / TB - included);
  return rounded(
    BASE_EUR +
      beyond(bytes, INCLUDED_TB.storage) * STORAGE_EUR_PER_TB +
      beyond(traffic, INCLUDED_TB.traffic) * TRAFFIC_EUR_PER_TB,
    2,
  );
}

function totals(rows: UsageRow[]) {
  return {
    files: sum(rows, ({ files }) => files),
    size_gb: gigabytes(sum(rows, ({ bytes }) => bytes)),
    traffic_gb: gigabytes(sum(rows, ({ traffic }) => traffic)),
  };
}

function groupBy(rows: UsageRow[], of: (row: UsageRow) => string): [string, UsageRow[]][] {
  return [...Map.groupBy(rows, of)];
}

const sum = (rows: UsageRow[], of: (row: UsageRow) => number) =>
  rows.reduce((total, row) => total + of(row), 0);
const gigabytes = (bytes: number) => rounded(bytes / GB, 3);
const rounded = (value: number, digits: number) => Number(value.toFixed(digits));
