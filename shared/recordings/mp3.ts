import { createMp3Encoder } from 'wasm-media-encoders';

import { HEADER_BYTES, readWavHeader, type WavHeader } from './wav.ts';

/** Why a recording stays what it is. */
export class NotConvertible extends Error {
  override readonly name = 'NotConvertible';
}

const RATES = new Set([8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000]);

/** Speech of a telephone: a tenth of its WAV, and nobody hears it. */
function bitrateFor({ sampleRate, channels }: WavHeader): 16 | 32 | 64 {
  if (sampleRate > 16_000) return 64;
  return channels === 2 || sampleRate > 8000 ? 32 : 16;
}

/** MP3 of a WAV as its bytes come, piece by piece. @throws NotConvertible it is no plain PCM of 16 bit */
export async function* toMp3(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const encoder = await createMp3Encoder();
  let header: WavHeader | undefined;
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    rest = rest.length === 0 ? Buffer.from(piece) : Buffer.concat([rest, piece]);
    if (!header) {
      if (rest.length < HEADER_BYTES) continue;
      header = configure(rest);
      rest = rest.subarray(header.dataOffset);
    }
    const whole = rest.length - (rest.length % (2 * header.channels));
    const encoded = encoder.encode(toSamples(rest.subarray(0, whole), header.channels));
    rest = rest.subarray(whole);
    // The encoder writes the next ones over these.
    if (encoded.length > 0) yield Uint8Array.from(encoded);
  }
  if (!header) {
    header = configure(rest);
    const samples = rest.subarray(header.dataOffset);
    const whole = samples.length - (samples.length % (2 * header.channels));
    const encoded = encoder.encode(toSamples(samples.subarray(0, whole), header.channels));
    yield Uint8Array.from(encoded);
  }
  yield Uint8Array.from(encoder.finalize());

  function configure(first: Buffer): WavHeader {
    const read = readWavHeader(first.subarray(0, HEADER_BYTES));
    if (!read) throw new NotConvertible('no WAV header');
    const { encoding, bitsPerSample, channels, sampleRate } = read;
    if (encoding !== 1 || bitsPerSample !== 16) throw new NotConvertible('not PCM of 16 bit');
    if (channels !== 1 && channels !== 2) throw new NotConvertible(`${channels} channels`);
    if (!RATES.has(sampleRate)) throw new NotConvertible(`${sampleRate} Hz`);
    encoder.configure({ channels, sampleRate, bitrate: bitrateFor(read) });
    return read;
  }
}

function toSamples(bytes: Buffer, channels: number): Float32Array[] {
  const count = bytes.length / 2 / channels;
  const samples = Array.from({ length: channels }, () => new Float32Array(count));
  for (let index = 0; index < count; index += 1) {
    for (const [channel, into] of samples.entries()) {
      into[index] = bytes.readInt16LE((index * channels + channel) * 2) / 32_768;
    }
  }
  return samples;
}

const BITRATES = {
  1: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};
const SAMPLE_RATES: Record<number, number[]> = {
  3: [44_100, 48_000, 32_000],
  2: [22_050, 24_000, 16_000],
  0: [11_025, 12_000, 8000],
};

/**
 * Walks the frames of an MP3 and returns the seconds of sound in it; undefined when it does not consist of frames from
 * beginning to end.
 */
export function measureMp3(bytes: Buffer): number | undefined {
  let seconds = 0;
  let at = 0;
  while (at + 4 <= bytes.length) {
    const header = bytes.readUInt32BE(at);
    const version = (header >>> 19) & 3;
    const layer = (header >>> 17) & 3;
    const rate = SAMPLE_RATES[version]?.[(header >>> 10) & 3];
    const kilobits = BITRATES[version === 3 ? 1 : 2][(header >>> 12) & 15];
    if (header >>> 21 !== 0x7ff || layer !== 1 || !rate || !kilobits) return undefined;
    const samples = version === 3 ? 1152 : 576;
    const padding = (header >>> 9) & 1;
    at += Math.floor((samples / 8) * ((kilobits * 1000) / rate)) + padding;
    seconds += samples / rate;
  }
  return at === bytes.length ? seconds : undefined;
}
