import { Ban, Ellipsis, LogOut, Shield, ShieldOff, UserMinus, UserPlus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Link, useLocation } from "wouter";
import { m } from "@/app/messages";
import type { Conversation, Member } from "@/app/types";
import {
  blockFrom,
  forgetConversation,
  leave,
  removeMember,
  rename,
  setAdmin,
} from "@/stores/acts/conversations";
import { openOverlay } from "@/stores/acts/overlays";
import { useMe, useStore } from "@/stores/store";
import { ActionList, type Choice } from "@/ui/ActionList";
import { Avatar } from "@/ui/Avatar";
import { Button, IconButton } from "@/ui/Button";
import { Confirm } from "@/ui/Confirm";
import { classes } from "@/ui/classes";
import { Field } from "@/ui/Field";
import { Sheet } from "@/ui/Sheet";
import { nameOf, othersOf, titleOf } from "./names";
import style from "./Picker.module.css";

function Rename({ conversation }: { conversation: Conversation }) {
  const [name, setName] = useState(conversation.name);
  const [busy, setBusy] = useState(false);
  const changed = name.trim() !== conversation.name;
  async function save(event: FormEvent) {
    event.preventDefault();
    if (!changed) return;
    setBusy(true);
    await rename(conversation.conversation_id, name.trim());
    setBusy(false);
  }
  return (
    <form className={style.rename} onSubmit={save}>
      <Field
        label={m.talk.group.name}
        value={name}
        maxLength={100}
        onChange={(event) => setName(event.target.value)}
      />
      {changed && (
        <Button type="submit" look="primary" size="large" busy={busy} disabled={busy}>
          {m.common.save}
        </Button>
      )}
    </form>
  );
}

interface MemberLineProps {
  member: Member;
  /** What an admin may do with someone else. */
  onOptions: (() => void) | null;
}

function MemberLine({ member, onOptions }: MemberLineProps) {
  return (
    <li className={style.member}>
      <Link href={`/u/${member.username}`}>
        <Avatar user={member} />
        <span className={style.words}>
          <strong dir="auto">{nameOf(member)}</strong>
          <span>{member.username}</span>
        </span>
      </Link>
      {member.is_admin && <span className={style.badge}>{m.talk.group.admin}</span>}
      {onOptions && (
        <IconButton
          label={m.talk.group.optionsOf(nameOf(member))}
          aria-haspopup="dialog"
          onClick={onOptions}
        >
          <Ellipsis size={20} />
        </IconButton>
      )}
    </li>
  );
}

type Asking = { is: "member" | "remove"; member: Member } | { is: "leave" } | { is: "block" };

function useChoices(conversation: Conversation | undefined, ask: (what: Asking | null) => void) {
  return (member: Member): Choice[] => {
    const id = conversation?.conversation_id ?? "";
    return [
      {
        label: member.is_admin ? m.talk.group.unmakeAdmin : m.talk.group.makeAdmin,
        icon: member.is_admin ? <ShieldOff size={20} /> : <Shield size={20} />,
        run: () => void setAdmin(id, member.username, !member.is_admin),
      },
      {
        label: m.talk.group.remove,
        icon: <UserMinus size={20} />,
        danger: true,
        run: () => ask({ is: "remove", member }),
      },
    ];
  };
}

/** Who is in a conversation, and what can be done about it. */
export function ConversationSheet({ id, onClose }: { id: string; onClose: () => void }) {
  const [, navigate] = useLocation();
  const myId = useMe()?.user_id ?? "";
  const conversation = useStore((s) => s.talk.conversations[id]);
  const [asking, setAsking] = useState<Asking | null>(null);
  const choices = useChoices(conversation, setAsking);
  if (!conversation) return null;
  const group = conversation.kind === "group";
  const admin = group && conversation.is_admin;
  const [other] = othersOf(conversation, myId);
  const end = () => setAsking(null);
  async function go() {
    if (!(await leave(id))) return;
    onClose();
    navigate("/messages");
    forgetConversation(id);
  }
  return (
    <Sheet title={group ? m.talk.group.title : m.talk.details} shape="tall" onClose={onClose}>
      <div className={style.section}>
        {admin ? (
          <Rename key={conversation.name} conversation={conversation} />
        ) : (
          group && <h3>{titleOf(conversation, myId)}</h3>
        )}
        <h3>{m.talk.members(conversation.members.length)}</h3>
        <ul>
          {conversation.members.map((member) => (
            <MemberLine
              key={member.user_id}
              member={member}
              onOptions={
                admin && member.user_id !== myId ? () => setAsking({ is: "member", member }) : null
              }
            />
          ))}
        </ul>
      </div>
      <div className={style.ends}>
        {admin && (
          <button
            type="button"
            className={style.end}
            onClick={() => openOverlay({ is: "add-members", id })}
          >
            <UserPlus size={20} aria-hidden /> {m.talk.group.add}
          </button>
        )}
        {group && (
          <button
            type="button"
            className={classes(style.end, style.danger)}
            onClick={() => setAsking({ is: "leave" })}
          >
            <LogOut size={20} aria-hidden /> {m.talk.group.leave}
          </button>
        )}
        {!group && other && (
          <button
            type="button"
            className={classes(style.end, style.danger)}
            onClick={() => setAsking({ is: "block" })}
          >
            <Ban size={20} aria-hidden /> {m.talk.requests.block}
          </button>
        )}
      </div>
      {asking?.is === "member" && (
        <ActionList title={nameOf(asking.member)} choices={choices(asking.member)} onClose={end} />
      )}
      {asking?.is === "remove" && (
        <Confirm
          title={m.talk.group.removeTitle(nameOf(asking.member))}
          hint={m.talk.group.removeHint}
          yes={m.talk.group.remove}
          onYes={() => void removeMember(id, asking.member.username)}
          onClose={end}
        />
      )}
      {asking?.is === "leave" && (
        <Confirm
          title={m.talk.group.leaveTitle}
          hint={m.talk.group.leaveHint}
          yes={m.talk.group.leave}
          onYes={() => void go()}
          onClose={end}
        />
      )}
      {asking?.is === "block" && other && (
        <Confirm
          title={m.profile.blockTitle(other.username)}
          hint={m.profile.blockHint}
          yes={m.profile.block}
          onYes={() => {
            onClose();
            void blockFrom(id, other.username);
            navigate("/messages");
          }}
          onClose={end}
        />
      )}
    </Sheet>
  );
}
