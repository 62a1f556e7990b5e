/** Channel names of Asterisk: "SIP/151-00000006", "Local/152@dialexecute-00000000;2". */

/** "Local/152@dialexecute-00000000" for either half of the pair; undefined for other channels. */
export function readLocalPair(channel: string | undefined): string | undefined {
  return /^(Local\/.+);[12]$/i.exec(channel ?? '')?.[1];
}

/** Whom a Local channel dials: "152". */
export function readLocalTarget(channel: string | undefined): string | undefined {
  return /^Local\/\+?([^@;]+)@/i.exec(channel ?? '')?.[1];
}

/** The phone or line a real channel belongs to: "151" of "SIP/151-00000006". */
export function readPeer(channel: string | undefined): string | undefined {
  if (channel === undefined || /^Local\//i.test(channel)) return undefined;
  return /^\w+\/\+?([^@/]+?)(?:-[0-9a-f]+)?$/i.exec(channel)?.[1];
}
