/**
 * Zero, to begin a field with that will hold large or fractional numbers (ticks, stream offsets, sums). V8 keeps what comes out of an array of doubles as a double: a field
 * that begins as a small integer and becomes a double gives its class a new shape, and all code that uses an object of it checks the shape for ever after.
 */
export const ZERO: number = new Float64Array(1)[0]!; // within bounds
