/** A message to go to; each wish is new, also for the same one. */
export interface Goal {
  id: string;
}
