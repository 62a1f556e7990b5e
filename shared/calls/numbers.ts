/** What a string of digits from a box stands for. Boxes do not say; lengths and shapes do. */

const LONGEST_EXTENSION = 5;

/** "150": an inside number. Lines have seven digits, outside numbers six or more. */
export function isExtension(number: string): boolean {
  return /^\d+$/.test(number) && number.length <= LONGEST_EXTENSION;
}

/** "0001363": an operator line. Broken starts carry it where the caller's number belongs. */
export function isLine(number: string): boolean {
  return /^000\d{3,6}$/.test(number);
}

/** "375291110001": a number of the public network; also the mobile of a FollowMe leg. */
export function isOutsideNumber(number: string | null | undefined): number is string {
  return typeof number === 'string' && /^\d{6,}$/.test(number) && !isLine(number);
}

/** The same subscriber: 375291110001 and 80291110001 differ only in how the way to them is written. */
export function isSameNumber(one: string | null, other: string | null): boolean {
  if (one === null || other === null) return false;
  if (one === other) return true;
  return one.length >= 9 && other.length >= 9 && one.slice(-9) === other.slice(-9);
}
