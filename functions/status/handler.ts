import { http } from '../../shared/lambda/http.ts';
import { statusRoutes } from '../../shared/operations/status.routes.ts';

export const routes = statusRoutes();
export const handler = http(routes);
