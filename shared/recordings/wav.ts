/** The header of a WAV file: Asterisk writes its sizes when it closes the file and leaves 0 while it records. */

/** Enough for every header that was seen; `data` stands at 36 of a plain one. */
export const HEADER_BYTES = 256;
const LARGEST_SIZE = 0xff_ff_ff_ff;

export type WavHeader = {
  riffSize: number;
  dataSize: number;
  /** Where the samples begin. */
  dataOffset: number;
  bytesPerSecond: number;
  channels: number;
  sampleRate: number;
  bitsPerSample: number;
  /** 1 is plain PCM. */
  encoding: number;
};

/** Undefined when these first bytes are not of a WAV file. */
export function readWavHeader(bytes: Buffer): WavHeader | undefined {
  if (bytes.length < 44) return undefined;
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WAVE') {
    return undefined;
  }
  let format: number | undefined;
  for (let at = 12; at + 8 <= bytes.length;) {
    const name = bytes.toString('latin1', at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    if (name === 'fmt ' && at + 24 <= bytes.length) format = at + 8;
    if (name === 'data') {
      if (format === undefined) return undefined;
      return {
        riffSize: bytes.readUInt32LE(4),
        dataSize: size,
        dataOffset: at + 8,
        encoding: bytes.readUInt16LE(format),
        channels: bytes.readUInt16LE(format + 2),
        sampleRate: bytes.readUInt32LE(format + 4),
        bytesPerSecond: bytes.readUInt32LE(format + 8),
        bitsPerSample: bytes.readUInt16LE(format + 14),
      };
    }
    at += 8 + size + (size % 2);
  }
  return undefined;
}

export type WavState = 'complete' | 'open' | 'empty';

/** Complete is only what both sizes fit: a file that stands still for a while may grow again. */
export function stateOfWav(header: WavHeader, fileSize: number): WavState {
  const dataEnd = header.dataOffset + header.dataSize;
  const fits = header.riffSize + 8 === fileSize && dataEnd <= fileSize;
  if (fits && header.dataSize === 0) return 'empty';
  return fits ? 'complete' : 'open';
}

/** Seconds of sound in that many bytes of file. */
export function durationOf(header: WavHeader, fileSize: number): number {
  const samples = Math.max(0, fileSize - header.dataOffset);
  return header.bytesPerSecond > 0 ? samples / header.bytesPerSecond : 0;
}

/** Writes the sizes that a box which died could not write into the file's first bytes. */
export function repairWavHeader(firstBytes: Buffer, header: WavHeader, fileSize: number): void {
  firstBytes.writeUInt32LE(Math.min(fileSize - 8, LARGEST_SIZE), 4);
  const samples = Math.min(fileSize - header.dataOffset, LARGEST_SIZE);
  firstBytes.writeUInt32LE(samples, header.dataOffset - 4);
}
