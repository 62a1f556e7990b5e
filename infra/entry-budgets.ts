/** Bytes. A cold start reads and compiles the whole entry file. */
const LARGEST_ENTRY = 500_000;
/** What needs more, and what for. */
const LARGER_ENTRIES: Record<string, number> = {
  'telegram-notify': 720_000, // the metadata of all countries' numbers, and the managers' side of the chat
  'telegram-updates': 1_060_000, // SSH, the queue, the metadata of all countries' numbers
  'outbox-sweep': 650_000, // the queue, and the metadata of all countries' numbers: it writes tables of calls
  'admin-chats': 560_000, // the queue, and the metadata of all countries' numbers
  'chat-timers': 520_000, // the socket's client and the queue
  'chat-ai': 1_000_000, // the vendor's client
  'admin-integrations': 560_000, // every CRM's adapter
  'crm-dispatch': 580_000, // every CRM's adapter, and the signing of links
  'recordings-api': 720_000, // the S3 client and the SQS one
  'recordings-cleanup': 640_000, // the S3 client
  maintenance: 640_000, // the S3 client
  'recordings-fetch': 1_350_000, // the S3 client, SSH, and the encoder of mp3
  'recordings-sync': 580_000, // the tracker
  'admin-services': 640_000, // the clients of both SQS and Lambda
  status: 760_000, // the OpenAPI document, and the queue
  'admin-smart-redirect': 560_000, // every CRM's adapter
  'smart-redirect': 670_000, // every CRM's adapter, and SSH
  'smart-redirect-queue': 870_000, // the same, and the queue
  originate: 580_000, // SSH
  'admin-asterisk': 580_000, // SSH
  'crm-callbacks': 600_000, // SSH
  'telegram-webhook': 930_000, // SSH, the queue, and the metadata of all countries' numbers
  'asterisk-check': 760_000, // SSH, and the queue
};

/** How many bytes a function's entry file may have. */
export const budgetOf = (name: string): number => LARGER_ENTRIES[name] ?? LARGEST_ENTRY;
