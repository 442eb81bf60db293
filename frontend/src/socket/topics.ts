/** Who wants which topic. The server is told of the first who comes and of the last who goes. */
export class Topics {
  private readonly wanted = new Map<string, number>();

  /** True when the topic is new and has to be subscribed. */
  add(topic: string): boolean {
    const before = this.wanted.get(topic) ?? 0;
    this.wanted.set(topic, before + 1);
    return before === 0;
  }

  /** True when nobody wants it any more. */
  remove(topic: string): boolean {
    const before = this.wanted.get(topic) ?? 0;
    if (before > 1) {
      this.wanted.set(topic, before - 1);
      return false;
    }
    return this.wanted.delete(topic);
  }

  has(topic: string): boolean {
    return this.wanted.has(topic);
  }

  all(): string[] {
    return [...this.wanted.keys()];
  }
}
