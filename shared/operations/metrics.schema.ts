import type { Contract } from '../contract.ts';

export const getMetrics: Contract = {
  method: 'GET',
  path: '/metrics',
  summary: 'Figures of the whole service for Prometheus; the bearer token is METRICS_TOKEN',
  auth: 'none',
  cors: 'none',
  answers: {
    200: { description: 'The text format 0.0.4', text: true },
    401: { description: 'Another token, or none' },
    503: { description: 'Not configured: METRICS_TOKEN is not set' },
  },
};
