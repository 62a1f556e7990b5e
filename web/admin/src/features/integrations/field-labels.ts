/** The schema's labels are Russian. English ones by the field's name; a field that is not here keeps its own. */
const ENGLISH: Record<string, string> = {
  api_url: 'RetailCRM address',
  api_key: 'API key',
  webhook_url: 'Address of the inbound webhook with the rights telephony, crm and user',
  user_id: 'Number of the user for calls without an employee',
  application_token: 'Code of the outbound webhook (for calls from Bitrix24)',
  direct_link_hours: 'Direct links to recordings, hours (empty: permanent links)',
  subdomain: 'Subdomain or address of amoCRM: demo or https://demo.amocrm.ru',
  client_id: 'Integration ID',
  client_secret: 'Secret key of the integration',
  access_token: 'Access token: long-lived, or got by OAuth',
  refresh_token: 'Refresh token; not needed with a long-lived one',
  redirect_uri: 'Redirect address of the integration; needed together with the refresh token',
  url: 'Address that the events are sent to',
  secret: 'Signing secret (Standard Webhooks)',
  events: 'Which events to send',
};

export function labelOf(
  { name, label }: { name: string; label: string },
  language: string,
): string {
  return language === 'en' ? (ENGLISH[name] ?? label) : label;
}
