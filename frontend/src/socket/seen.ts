/** The newest event ids, so that what is delivered twice is applied once. Bounded. */
export class Seen {
  private readonly ids = new Set<string>();

  constructor(private readonly limit = 1024) {}

  /** True the first time an id is shown. */
  add(id: string): boolean {
    if (this.ids.has(id)) return false;
    this.ids.add(id);
    if (this.ids.size > this.limit) {
      const oldest = this.ids.values().next().value;
      if (oldest !== undefined) this.ids.delete(oldest);
    }
    return true;
  }
}
