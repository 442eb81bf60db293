import { useState } from "react";
import { useLocation } from "wouter";
import { m } from "@/app/messages";
import type { Conversation } from "@/app/types";
import { useList } from "@/parts/useList";
import { addMembers, begin } from "@/stores/acts/conversations";
import { copyAddress } from "@/stores/acts/copy";
import { sharePost } from "@/stores/acts/messages";
import { sources } from "@/stores/acts/sources";
import { shareStory } from "@/stores/acts/stories";
import { useMe, useStore } from "@/stores/store";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Sheet } from "@/ui/Sheet";
import { Faces } from "./Faces";
import { othersOf, titleOf } from "./names";
import { PeoplePicker, type Target } from "./PeoplePicker";
import style from "./Picker.module.css";

/** With oneself a group has 32. */
const OTHERS_MAX = 31;
const TARGETS_MAX = 20;
const RECENT_MAX = 8;

/** Whom to write to: one, or several as a group. */
export function NewMessage({ onClose }: { onClose: () => void }) {
  const [, navigate] = useLocation();
  const [picked, setPicked] = useState<Target[]>([]);
  const [name, setName] = useState("");
  const [busy, setBusy] = useState(false);
  const group = picked.length > 1;

  async function go() {
    setBusy(true);
    const usernames = picked.map((one) => one.to);
    const id = await begin(usernames, group ? name.trim() : null);
    setBusy(false);
    if (!id) return;
    onClose();
    navigate(`/messages/${id}`);
  }

  const footer = picked.length > 0 && (
    <div className={style.foot}>
      {group && (
        <Field
          label={m.talk.groupName}
          hint={m.talk.groupNameHint}
          value={name}
          maxLength={100}
          onChange={(event) => setName(event.target.value)}
        />
      )}
      <Button look="primary" size="large" wide busy={busy} disabled={busy} onClick={go}>
        {group ? m.talk.makeGroup : m.talk.chat}
      </Button>
    </div>
  );
  return (
    <Sheet title={m.talk.new} shape="tall" footer={footer} onClose={onClose}>
      <PeoplePicker picked={picked} onPick={setPicked} max={OTHERS_MAX} />
    </Sheet>
  );
}

export function AddMembers({ id, onClose }: { id: string; onClose: () => void }) {
  const members = useStore((s) => s.talk.conversations[id]?.members);
  const [picked, setPicked] = useState<Target[]>([]);
  const [busy, setBusy] = useState(false);
  if (!members) return null;
  async function go() {
    setBusy(true);
    const done = await addMembers(
      id,
      picked.map((one) => one.to),
    );
    setBusy(false);
    if (done) onClose();
  }
  const footer = picked.length > 0 && (
    <div className={style.foot}>
      <Button look="primary" size="large" wide busy={busy} disabled={busy} onClick={go}>
        {m.talk.group.adding}
      </Button>
    </div>
  );
  return (
    <Sheet title={m.talk.group.add} shape="tall" footer={footer} onClose={onClose}>
      <PeoplePicker
        picked={picked}
        onPick={setPicked}
        without={members.map((member) => member.username)}
        max={OTHERS_MAX + 1 - members.length}
      />
    </Sheet>
  );
}

function targetOf(conversation: Conversation, myId: string): Target {
  const [other] = othersOf(conversation, myId);
  const direct = conversation.kind === "direct";
  return {
    to: conversation.conversation_id,
    name: titleOf(conversation, myId),
    note: direct && other ? other.username : m.talk.members(conversation.members.length),
    face: <Faces conversation={conversation} myId={myId} />,
  };
}

export function SendPost({ postId, onClose }: { postId: string; onClose: () => void }) {
  return (
    <Send
      title={m.talk.shareTitle}
      path={`/p/${postId}`}
      send={(to, words) => sharePost(postId, to, words)}
      onClose={onClose}
    />
  );
}

export function SendStory({ storyId, onClose }: { storyId: string; onClose: () => void }) {
  const author = useStore((s) => s.stories.stories[storyId]?.user.username);
  return (
    <Send
      title={m.talk.shareStory}
      path={author ? `/stories/${author}/${storyId}` : null}
      send={(to, words) => shareStory(storyId, to, words)}
      onClose={onClose}
    />
  );
}

interface SendProps {
  title: string;
  /** Where its link leads; null when there is none. */
  path: string | null;
  send: (to: string[], words: string) => Promise<boolean>;
  onClose: () => void;
}

/** A post or a story goes to the people one talks with, or to anyone by name. */
function Send({ title, path, send, onClose }: SendProps) {
  const myId = useMe()?.user_id ?? "";
  const { ids } = useList(sources.inbox);
  const conversations = useStore((s) => s.talk.conversations);
  const [picked, setPicked] = useState<Target[]>([]);
  const [words, setWords] = useState("");
  const [busy, setBusy] = useState(false);
  const recent = ids
    .slice(0, RECENT_MAX)
    .flatMap((id) => conversations[id] ?? [])
    .map((conversation) => targetOf(conversation, myId));

  async function go() {
    setBusy(true);
    const to = picked.map((one) => one.to);
    const done = await send(to, words.trim());
    setBusy(false);
    if (done) onClose();
  }

  const link = path && (
    <Button
      look="text"
      size="small"
      onClick={() => {
        onClose();
        void copyAddress(path);
      }}
    >
      {m.post.copyLink}
    </Button>
  );
  const footer = picked.length > 0 && (
    <div className={style.foot}>
      <input
        className={style.note}
        placeholder={m.talk.shareWords}
        aria-label={m.talk.shareWords}
        maxLength={2_000}
        value={words}
        onChange={(event) => setWords(event.target.value)}
        onKeyDown={(event) => event.key === "Enter" && !busy && void go()}
      />
      <Button look="primary" size="large" wide busy={busy} disabled={busy} onClick={go}>
        {m.talk.shareTo(picked.length)}
      </Button>
    </div>
  );
  return (
    <Sheet title={title} shape="tall" action={link} footer={footer} onClose={onClose}>
      <PeoplePicker picked={picked} onPick={setPicked} first={recent} max={TARGETS_MAX} />
    </Sheet>
  );
}
