interface Wanted {
  by: number;
  granted: boolean;
}

/**
 * Who wants which topic. The server is told of the first who comes and of the last who goes; all
 * of them are asked for anew on each connection.
 */
export class Topics {
  private readonly wanted = new Map<string, Wanted>();

  /** `isNew`: it has to be asked for. `release` is true when nobody wants it any more. */
  add(topic: string): { isNew: boolean; release: () => boolean } {
    const known = this.wanted.get(topic);
    const wanted = known ?? { by: 0, granted: false };
    wanted.by += 1;
    this.wanted.set(topic, wanted);
    let held = true;
    const release = () => {
      if (!held) return false;
      held = false;
      wanted.by -= 1;
      // It may have been refused, and wanted anew by others since.
      return wanted.by === 0 && this.wanted.get(topic) === wanted && this.wanted.delete(topic);
    };
    return { isNew: known === undefined, release };
  }

  all(): string[] {
    return [...this.wanted.keys()];
  }

  isGranted(topic: string): boolean {
    return this.wanted.get(topic)?.granted ?? false;
  }

  /** The server's answer. True: it was granted before and no longer is. */
  answered(topic: string, answer: string): boolean {
    const wanted = this.wanted.get(topic);
    if (!wanted) return false;
    const lost = wanted.granted && answer !== "ok";
    wanted.granted = answer === "ok";
    if (!wanted.granted) this.wanted.delete(topic);
    return lost;
  }

  /** Not ours to see any more. */
  forget(topic: string): void {
    this.wanted.delete(topic);
  }
}
