import { m } from "@/app/messages";
import { useTopic } from "@/parts/useTopic";
import { Sheet } from "@/ui/Sheet";
import { Conversation } from "./Conversation";

export function CommentsSheet({ postId, onClose }: { postId: string; onClose: () => void }) {
  useTopic(`post:${postId}`);
  return (
    <Conversation postId={postId} autoFocus={matchMedia("(hover: hover)").matches}>
      {(thread, form) => (
        <Sheet title={m.comments.title} shape="tall" footer={form} onClose={onClose}>
          {thread}
        </Sheet>
      )}
    </Conversation>
  );
}
