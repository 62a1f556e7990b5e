/** As on the cards of the integrations. */
export const INTEGRATION_TITLES: Record<string, string> = {
  retailcrm: '🛒 RetailCRM',
  bitrix24: '📊 Bitrix24',
  amocrm: '💼 amoCRM',
  webhook: '🪝 Webhook',
};
