import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

/**
 * `375291110001` → `+375 (29) 111-00-01`, for the numbers of any country. What is no valid international number
 * (short codes, local numbers) is shown as it came.
 */
export function formatPhone(digits: string): string {
  const parsed = parsePhoneNumberFromString(`+${digits}`);
  // The parser may drop a digit that it takes for a trunk prefix: a number must be shown as it is.
  if (!parsed?.isValid() || parsed.number !== `+${digits}`) return digits;
  const [country = '', area, ...rest] = parsed.formatInternational().split(/[ -]/);
  if (!area || rest.length === 0) return parsed.formatInternational();
  return `${country} (${area}) ${rest.join('-')}`;
}

/** For logs: enough to recognise, too little to call. */
export function maskPhone(phone: string): string {
  return `${phone.slice(0, -7)}•••${phone.slice(-4)}`;
}
