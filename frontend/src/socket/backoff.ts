const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/**
 * Exponential with full jitter: after a node dies, its clients spread over the whole interval
 * instead of coming back as one wave.
 */
export class Backoff {
  private failures = 0;

  constructor(private readonly random: () => number = Math.random) {}

  nextMs(): number {
    const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.failures);
    this.failures += 1;
    return this.random() * ceiling;
  }

  reset(): void {
    this.failures = 0;
  }
}
