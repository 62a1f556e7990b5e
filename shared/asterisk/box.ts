/** One Asterisk and the way to it. */
export type Box = {
  /** Of the enterprise it belongs to: one box each. */
  enterpriseNumber: string;
  host: string;
  port: number;
  user: string;
  credentials: Credentials;
  /** `SHA256:…` as OpenSSH prints it; null before the first contact. */
  hostKey: string | null;
};

export type Credentials = { privateKey: string } | { password: string };

const PRIVATE_KEY = /^-----BEGIN [A-Z ]*PRIVATE KEY-----/;

/** A stored secret is a password, or a private key in the text form of OpenSSH or PEM. */
export function toCredentials(secret: string): Credentials {
  const text = secret.trimStart();
  return PRIVATE_KEY.test(text) ? { privateKey: text } : { password: secret };
}
