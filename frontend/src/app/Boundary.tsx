import { Component, type ReactNode } from "react";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { m } from "./messages";

/** The last net: a broken screen says so and offers the way out, instead of an empty page. */
export class Boundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError(): { broken: boolean } {
    return { broken: true };
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children;
    return (
      <main>
        <Empty page title={m.errors.crash} hint={m.errors.crashHint}>
          <Button look="primary" onClick={() => location.reload()}>
            {m.errors.reload}
          </Button>
        </Empty>
      </main>
    );
  }
}
