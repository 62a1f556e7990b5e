import type { Pool } from '../db.ts';
import type { WatchedQueue } from '../watched-queue.ts';
import {
  countDeliveries,
  countEvents,
  countOriginates,
  countRedirects,
  describeConfigs,
  listBoxesUp,
  timeDeliveries,
  timeOriginates,
  type Took,
} from './metrics.sql.ts';
import { loadWaits } from './services.sql.ts';

type Dependencies = { db: Pool; queues: Record<string, Pick<WatchedQueue, 'figures'>> };
type Labels = Record<string, string>;
type Sample = { labels?: Labels; value: number; suffix?: '_sum' | '_count' };
type Family = {
  name: string;
  type: 'counter' | 'gauge' | 'summary';
  help: string;
  samples: Sample[];
};

/**
 * Figures of the whole service, in Prometheus' text format: from Postgres and SQS, so that it does not matter which
 * instance is asked.
 */
export async function renderMetrics({ db, queues }: Dependencies): Promise<string> {
  const depths = Object.entries(queues).map(async ([queue, watched]) => ({
    queue,
    ...(await watched.figures()),
  }));
  const figures = await Promise.all(depths);
  const waits = await loadWaits(db);
  const configs = await describeConfigs(db);
  const today = 'since midnight UTC';
  const families: Family[] = [
    {
      name: 'trunkline_events_total',
      type: 'counter',
      help: 'Events of boxes; a minute late.',
      samples: (await countEvents(db)).map(({ label, total }) => ({
        labels: { kind: label },
        value: total,
      })),
    },
    {
      name: 'trunkline_deliveries_total',
      type: 'counter',
      help: `Deliveries owed ${today}, by what became of them.`,
      samples: (await countDeliveries(db)).map(({ total, ...labels }) => ({
        labels,
        value: total,
      })),
    },
    {
      name: 'trunkline_delivery_seconds',
      type: 'summary',
      help: `From due to delivered, ${today}.`,
      samples: toSummary(await timeDeliveries(db)),
    },
    {
      name: 'trunkline_queue_depth',
      type: 'gauge',
      help: 'Messages that wait or are being worked on.',
      samples: figures.map(({ queue, depth, inFlight }) => ({
        labels: { queue },
        value: depth + inFlight,
      })),
    },
    {
      name: 'trunkline_queue_age_seconds',
      type: 'gauge',
      help: 'How long the oldest work of a queue has been due, by the rows behind the messages.',
      samples: Object.entries(waits).map(([queue, seconds]) => ({
        labels: { queue },
        value: seconds ?? 0,
      })),
    },
    {
      name: 'trunkline_dead_letters',
      type: 'gauge',
      help: 'Messages that crashed their function 50 times.',
      samples: figures.map(({ queue, deadLetters }) => ({ labels: { queue }, value: deadLetters })),
    },
    {
      name: 'trunkline_originates_total',
      type: 'counter',
      help: `Click-to-calls ${today}.`,
      samples: (await countOriginates(db)).map(({ label, total }) => ({
        labels: { result: label },
        value: total,
      })),
    },
    {
      name: 'trunkline_originate_seconds',
      type: 'summary',
      help: `From the request until the box accepted, ${today}.`,
      samples: toSummary(await timeOriginates(db)),
    },
    {
      name: 'trunkline_redirects_total',
      type: 'counter',
      help: `Smart redirects ${today}.`,
      samples: (await countRedirects(db)).map(({ total, ...labels }) => ({ labels, value: total })),
    },
    {
      name: 'trunkline_box_up',
      type: 'gauge',
      help: '1 when the last look at the box found it well.',
      samples: (await listBoxesUp(db)).map(({ enterprise, up }) => ({
        labels: { enterprise },
        value: up ? 1 : 0,
      })),
    },
    {
      name: 'trunkline_config_cache_enterprises',
      type: 'gauge',
      help: 'Enterprises whose settings the functions may keep a copy of.',
      samples: [{ value: configs.enterprises }],
    },
    {
      name: 'trunkline_config_cache_age_seconds',
      type: 'gauge',
      help: 'Since the newest settings were stored; copies are compared with them at every delivery.',
      samples: [{ value: Math.round(configs.ageSeconds) }],
    },
    {
      name: 'trunkline_config_cache_kilobytes',
      type: 'gauge',
      help: 'The size of all these settings.',
      samples: [{ value: Math.round(configs.kilobytes * 10) / 10 }],
    },
  ];
  return families.map(toText).join('');
}

function toSummary({ total, sum, half, most }: Took): Sample[] {
  const quantiles = [
    ...(half === null ? [] : [{ labels: { quantile: '0.5' }, value: half }]),
    ...(most === null ? [] : [{ labels: { quantile: '0.95' }, value: most }]),
  ];
  return [...quantiles, { suffix: '_sum', value: sum }, { suffix: '_count', value: total }];
}

function toText({ name, type, help, samples }: Family): string {
  const lines = samples.map(({ labels = {}, value, suffix = '' }) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(text)}"`);
    return `${name}${suffix}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

const escapeLabel = (text: string): string =>
  text
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`);
