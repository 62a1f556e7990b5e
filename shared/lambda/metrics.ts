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
  const single = metrics.singleMetric();
  for (const [dimension, of] of Object.entries(dimensions)) single.addDimension(dimension, of);
  single.addMetric(name, MetricUnit.Count, 1);
}
