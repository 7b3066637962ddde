/** A part of a list in its order: what follows `after`, or the beginning. */
export interface Page<Place> {
  readonly after?: Place | undefined;
  readonly limit: number;
}
