/** A run that cannot go on, told to a person: what is wrong, and what to do about it. */
export class BenchFailure extends Error {
  override readonly name = 'BenchFailure';
}

/** Something was acknowledged that the stores do not hold, or hold otherwise: whatever was measured of it is worth nothing. */
export class WrongResult extends Error {
  override readonly name = 'WrongResult';
}
