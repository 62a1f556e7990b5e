import type { Body } from './body.ts';
import type { Html } from './html.ts';

/** What a peer must be for the server to route to it, record it and let it misbehave. */
export type Peer = {
  readonly name: string;
  /** False: it has a protocol and bad days of its own; HTTP misbehaviour means nothing to it. */
  readonly speaksHttp?: false;
  /** What the peer is called on the page. */
  readonly title: string;
  /** Whose request this is. Called before any misbehaviour, so it must not change anything. */
  locate: (path: string, request: { body: Body; query: URLSearchParams }) => Location;
  /** Plays the vendor: checks, applies the effect, answers. */
  answer: (request: PeerRequest) => Answer;
  /** The vendor's own "slow down" and "we are broken". */
  overloaded: (retryAfter: number) => Answer;
  broken: () => Answer;
  /** `/control/<name>/…`; undefined when there is no such thing. */
  control: (request: ControlRequest) => unknown;
  /** What must never be read in a record. */
  secrets: () => string[];
  /** Forgets effects; accounts and their settings stay. */
  reset: () => void;
  /** The peer's state as HTML, for the page. */
  panel: () => Html;
};

type Location = {
  account: string;
  /** The path inside the account, as rules and records name it. */
  path: string;
  chat?: string | undefined;
};

export type PeerRequest = Location & {
  sequence: number;
  /** The whole path after the peer's name, secrets included: for the peer's own eyes. */
  fullPath: string;
  method: string;
  query: URLSearchParams;
  headers: Record<string, string | undefined>;
  body: Body;
};

export type Answer = {
  status: number;
  /** A string is an HTML page, anything else JSON. */
  body: unknown;
  headers?: Record<string, string>;
  /** What is sent piece by piece instead of the body; undefined cuts the connection. `left`: the client has gone. */
  stream?: (left: AbortSignal) => AsyncGenerator<string | undefined>;
  /** Why the vendor refused; absent when it accepted. */
  refused?: string | undefined;
  /** What the real vendor would swallow without a word, but nobody meant to send. */
  warnings?: string[] | undefined;
};

type ControlRequest = {
  method: string;
  segments: string[];
  query: URLSearchParams;
  body: unknown;
};

export type Clock = () => number;

/** Thrown inside a peer where the vendor would stop and refuse. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(answer: Answer & { refused: string }) {
    super(answer.refused);
    this.answer = answer;
  }
}

/** A mistake of whoever uses the control API; becomes a 400 or a 404. */
export class ControlError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
