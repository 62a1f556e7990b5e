/** Asterisk uniqueids: "1757840723.6" is the 6th channel since the box started, made at that second of the epoch. */

const SHAPE = /(\d{9,11})\.(\d+)$/;

/** The order in which the box made the channels; the first channel of a call is its main one. */
export function compareUniqueIds(one: string, other: string): number {
  const [, second = Infinity, serial = Infinity] = SHAPE.exec(one) ?? [];
  const [, otherSecond = Infinity, otherSerial = Infinity] = SHAPE.exec(other) ?? [];
  return (
    compareNumbers(Number(second), Number(otherSecond)) ||
    compareNumbers(Number(serial), Number(otherSerial)) ||
    compareTexts(one, other)
  );
}

/** When the box made the channel, by the box's clock, in ms; undefined for ids of another shape. */
export function readCreationTime(uniqueId: string): number | undefined {
  const second = SHAPE.exec(uniqueId)?.[1];
  return second === undefined ? undefined : Number(second) * 1000;
}

function compareNumbers(one: number, other: number): number {
  return one === other ? 0 : one < other ? -1 : 1;
}

export function compareTexts(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
