/** The bytes of a stored file; undefined when it is not there. */
export type ReadFile = (key: string) => Promise<Uint8Array | undefined>;
export type StoreFile = (key: string, file: { bytes: Uint8Array; contentType: string }) => Promise<void>;
