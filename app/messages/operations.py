"""What the outside may call of conversations and messages."""

from typing import Annotated

from pydantic import AfterValidator, Field
from typing_extensions import TypedDict

from app.errors import Invalid
from app.ids import is_id
from app.messages import access, conversations, marks, pages, queries, search as finding, service
from app.messages.marks import ReadState, Typing
from app.messages.models import Folder
from app.messages.search import FoundMessages
from app.messages.views import (
    Conversations,
    ConversationView,
    Messages,
    MessageView,
    conversation_views,
    message_views,
)
from app.operation import Context, PageParams, Params, operation
from app.posts.views import pagination
from app.text import check_emoji

IdText = Annotated[str, Field(min_length=1, max_length=64)]
Name = Annotated[str, Field(min_length=1, max_length=64)]
Usernames = Annotated[list[Name], Field(min_length=1, max_length=conversations.MEMBERS_MAX)]
Words = Annotated[str, Field(max_length=2000)]
GroupName = Annotated[str, Field(max_length=100)]
Emoji = Annotated[str, Field(min_length=1, max_length=16), AfterValidator(check_emoji)]
TARGETS_MAX = 20


class Page(PageParams):
    folder: Folder = "inbox"


class Open(Params):
    usernames: Usernames = Field(description="One, without a name: a conversation of two.")
    name: GroupName | None = None


class ConversationId(Params):
    id: IdText


class Rename(ConversationId):
    name: GroupName


class AddMembers(ConversationId):
    usernames: Usernames


class OneMember(ConversationId):
    username: Name


class SetAdmin(OneMember):
    is_admin: bool


class MessagesPage(PageParams):
    id: IdText
    around: IdText | None = Field(None, description="A message_id, in place of a cursor.")


class Search(PageParams):
    q: str = Field(
        min_length=1,
        max_length=finding.QUERY_MAX,
        description="Words, or how they begin; all of them have to be there.",
    )
    conversation_id: IdText | None = Field(None, description="Look there alone.")


class Content(Params):
    text: Words = ""
    media_key: str | None = Field(None, min_length=1, max_length=512, description="Of an upload.")
    post_id: IdText | None = None
    reply_to: IdText | None = Field(None, description="A message of the same conversation.")
    ref: str | None = Field(None, min_length=1, max_length=64, description="Given back to you.")

    def draft(self) -> service.Draft:
        return service.Draft(self.text, self.media_key, self.post_id, self.reply_to, self.ref)


class Create(Content):
    id: IdText


class Send(Content):
    to: IdText = Field(description="A username, or a conversation_id.")


class Read(ConversationId):
    message_id: IdText | None = Field(None, description="Up to this one. Left out: all.")


class MessageId(Params):
    id: IdText


class Edit(MessageId):
    text: str = Field(min_length=1, max_length=2000)


class React(MessageId):
    emoji: Emoji


class To(Params):
    to: list[IdText] = Field(
        min_length=1, max_length=TARGETS_MAX, description="Usernames and conversation_ids."
    )
    text: Words = ""


class Share(To):
    post_id: IdText


class ReplyToStory(Params):
    id: IdText
    text: str = Field(min_length=1, max_length=2000)


class ShareStory(To):
    id: IdText


class Declined(TypedDict):
    conversation_id: str
    declined: bool


class Shared(TypedDict):
    post_id: str
    shares_count: int
    messages: list[MessageView]


class SharedStory(TypedDict):
    story_id: str
    messages: list[MessageView]


async def _view(ctx: Context, conversation: service.Raw) -> ConversationView:
    return (await conversation_views(ctx.resources, ctx.user_id, [conversation]))[0]


async def _message(ctx: Context, found: tuple[service.Raw, service.Raw]) -> MessageView:
    conversation, message = found
    member = conversation["members"][ctx.user_id]
    return (await message_views(ctx.resources, ctx.user_id, member, [message]))[0]


@operation("conversations.list", "GET", "/conversations")
async def page(ctx: Context, params: Page) -> Conversations:
    """One's conversations, the one last written to first."""
    resources = ctx.resources
    rows, after = await queries.page(
        resources, ctx.user_id, params.folder, params.cursor, params.limit
    )
    for row in rows:
        await marks.fetched(resources, ctx.user_id, row)
    return {
        "conversations": await conversation_views(resources, ctx.user_id, rows),
        "unread": await queries.unread_total(resources, ctx.user_id),
        "requests": await queries.requests_count(resources, ctx.user_id),
        "pagination": pagination(after),
    }


@operation("conversations.create", "POST", "/conversations", status=201)
async def create(ctx: Context, params: Open) -> ConversationView:
    """Open the conversation with someone, or make a group."""
    if len(params.usernames) == 1 and params.name is None:
        return await _view(ctx, await conversations.open_with(ctx, params.usernames[0]))
    group = await conversations.create_group(ctx, params.usernames, params.name or "")
    return await _view(ctx, group)


@operation("conversations.get", "GET", "/conversations/{id}")
async def get(ctx: Context, params: ConversationId) -> ConversationView:
    """One conversation."""
    found = await access.visible_conversation(ctx.resources, ctx.user_id, params.id)
    return await _view(ctx, found)


@operation("conversations.update", "PUT", "/conversations/{id}")
async def update(ctx: Context, params: Rename) -> ConversationView:
    """Rename a group."""
    return await _view(ctx, await conversations.rename(ctx, params.id, params.name))


@operation("conversations.leave", "DELETE", "/conversations/{id}", status=204)
async def leave(ctx: Context, params: ConversationId) -> None:
    """Leave a group."""
    await conversations.leave(ctx, params.id)


@operation("conversations.accept", "POST", "/conversations/{id}/accept")
async def accept(ctx: Context, params: ConversationId) -> ConversationView:
    """Accept a request."""
    return await _view(ctx, await conversations.accept(ctx, params.id))


@operation("conversations.decline", "POST", "/conversations/{id}/decline")
async def decline(ctx: Context, params: ConversationId) -> Declined:
    """Decline a request; who wrote is not told."""
    await conversations.decline(ctx, params.id)
    return {"conversation_id": params.id, "declined": True}


@operation("conversations.add", "POST", "/conversations/{id}/members")
async def add(ctx: Context, params: AddMembers) -> ConversationView:
    """Add people to a group."""
    return await _view(ctx, await conversations.add(ctx, params.id, params.usernames))


@operation("conversations.set_admin", "PUT", "/conversations/{id}/members/{username}")
async def set_admin(ctx: Context, params: SetAdmin) -> ConversationView:
    """Make a member of a group its admin, or no longer."""
    group = await conversations.set_admin(ctx, params.id, params.username, params.is_admin)
    return await _view(ctx, group)


@operation("conversations.remove", "DELETE", "/conversations/{id}/members/{username}")
async def remove(ctx: Context, params: OneMember) -> ConversationView:
    """Remove someone from a group."""
    return await _view(ctx, await conversations.remove(ctx, params.id, params.username))


# People read and type far more often than they write.


@operation("conversations.read", "POST", "/conversations/{id}/read", limit="reads")
async def read(ctx: Context, params: Read) -> ReadState:
    """Mark as read, on all devices."""
    return await marks.read(ctx, params.id, params.message_id)


@operation("conversations.typing", "POST", "/conversations/{id}/typing", limit="reads")
async def typing(ctx: Context, params: ConversationId) -> Typing:
    """Say that one is typing; holds for six seconds."""
    return await marks.typing(ctx, params.id)


@operation("messages.list", "GET", "/conversations/{id}/messages")
async def messages(ctx: Context, params: MessagesPage) -> Messages:
    """What was said, newest first; from the newest on, or around a message."""
    resources, viewer, limit = ctx.resources, ctx.user_id, params.limit
    conversation = await access.visible_conversation(resources, viewer, params.id)
    if params.around is None:
        page = await pages.page(resources, viewer, conversation, params.cursor, limit)
    elif params.cursor is not None or not is_id(params.around, "msg"):
        raise Invalid.field("around", "The id of a message, and no cursor with it.", "bad_around")
    else:
        page = await pages.around(resources, viewer, conversation, params.around, limit)
    if params.cursor is None and page.newer is None:
        await marks.fetched(resources, viewer, conversation)
    member = conversation["members"][viewer]
    return {
        "messages": await message_views(resources, viewer, member, page.rows),
        "newer_cursor": page.newer,
        "pagination": pagination(page.older),
    }


@operation("messages.search", "GET", "/messages/search")
async def search(ctx: Context, params: Search) -> FoundMessages:
    """Messages by their words, newest first, in all conversations or in one."""
    return await finding.search(
        ctx.resources, ctx.user_id, params.q, params.conversation_id, params.cursor, params.limit
    )


@operation("messages.create", "POST", "/conversations/{id}/messages", status=201)
async def create_message(ctx: Context, params: Create) -> MessageView:
    """Say something in a conversation."""
    found = await access.visible_conversation(ctx.resources, ctx.user_id, params.id)
    return await _message(ctx, await service.send(ctx, found, params.draft()))


@operation("messages.send", "POST", "/messages", status=201)
async def send(ctx: Context, params: Send) -> MessageView:
    """Say something to a person, or in a conversation."""
    return await _message(ctx, await service.send_to(ctx, params.to, params.draft()))


@operation("messages.get", "GET", "/messages/{id}")
async def get_message(ctx: Context, params: MessageId) -> MessageView:
    """One message."""
    found = await access.visible_message(ctx.resources, ctx.user_id, params.id)
    return await _message(ctx, found)


@operation("messages.edit", "PUT", "/messages/{id}")
async def edit(ctx: Context, params: Edit) -> MessageView:
    """Change the text of one's own message, for 15 minutes."""
    return await _message(ctx, await service.edit(ctx, params.id, params.text))


@operation("messages.unsend", "DELETE", "/messages/{id}", status=204)
async def unsend(ctx: Context, params: MessageId) -> None:
    """Take one's own message back, for everyone."""
    await service.unsend(ctx, params.id)


@operation("messages.react", "POST", "/messages/{id}/reactions", limit="likes")
async def react(ctx: Context, params: React) -> MessageView:
    """React to a message; a second reaction replaces the first."""
    return await _message(ctx, await service.react(ctx, params.id, params.emoji))


@operation("messages.unreact", "DELETE", "/messages/{id}/reactions", limit="likes")
async def unreact(ctx: Context, params: MessageId) -> MessageView:
    """Take one's reaction back."""
    return await _message(ctx, await service.react(ctx, params.id, None))


@operation("posts.share", "POST", "/posts/{post_id}/share")
async def share(ctx: Context, params: Share) -> Shared:
    """Send a post to people and groups."""
    sent, count = await service.share(ctx, params.post_id, params.to, params.text)
    return {
        "post_id": params.post_id,
        "shares_count": count,
        "messages": [await _message(ctx, found) for found in sent],
    }


@operation("stories.reply", "POST", "/stories/{id}/replies")
async def reply_to_story(ctx: Context, params: ReplyToStory) -> MessageView:
    """Answer a story with a message to its author."""
    return await _message(ctx, await service.reply_to_story(ctx, params.id, params.text))


@operation("stories.share", "POST", "/stories/{id}/share")
async def share_story(ctx: Context, params: ShareStory) -> SharedStory:
    """Send a story to people and groups; it shows to those who may see it, while it lives."""
    sent = await service.share_story(ctx, params.id, params.to, params.text)
    return {"story_id": params.id, "messages": [await _message(ctx, found) for found in sent]}


OPERATIONS = [
    page,
    create,
    get,
    update,
    leave,
    accept,
    decline,
    add,
    set_admin,
    remove,
    read,
    typing,
    messages,
    create_message,
    send,
    search,  # before `/messages/{id}`
    get_message,
    edit,
    unsend,
    react,
    unreact,
    share,
    reply_to_story,
    share_story,
]
