import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

const metrics = new Metrics({ serviceName: 'trunkline' });

/**
 * Counts something: one line of the embedded metric format, of which CloudWatch makes a metric in the namespace of the
 * stage. Every set of dimensions is a metric of its own and costs money: kinds and states, never enterprises or ids.
 */
export function count(
  name: `trunkline_${string}_total`,
  dimensions: Record<string, string> = {},
): void {
  emit(name, MetricUnit.Count, 1, dimensions);
}

/** Notes how long something took, for percentiles. */
export function observeSeconds(name: `trunkline_${string}_seconds`, seconds: number): void {
  emit(name, MetricUnit.Seconds, seconds, {});
}

function emit(
  name: string,
  unit: (typeof MetricUnit)[keyof typeof MetricUnit],
  value: number,
  dimensions: Record<string, string>,
) {
  const single = metrics.singleMetric();
  for (const [dimension, of] of Object.entries(dimensions)) single.addDimension(dimension, of);
  single.addMetric(name, unit, value);
}
