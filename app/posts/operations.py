"""What the outside may call of posts."""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from app.audience import Audience
from app.graph import operations as graph
from app.graph.operations import People
from app.operation import Context, PageParams, Pagination, Params, operation
from app.posts import access, fragments, queries, service
from app.posts.models import Location
from app.posts.views import Posts, PostView, pagination

Caption = Annotated[str, Field(max_length=2200)]
AltText = Annotated[str, Field(max_length=1000)]
PostIdText = Annotated[str, Field(min_length=1, max_length=64)]


class LocationParam(Params):
    name: str = Field(min_length=1, max_length=120)
    lat: float | None = Field(None, ge=-90, le=90)
    lng: float | None = Field(None, ge=-180, le=180)


class TagParam(Params):
    username: str = Field(min_length=1, max_length=64)
    x: float = Field(0.5, ge=0, le=1)
    y: float = Field(0.5, ge=0, le=1)


class MediaParam(Params):
    type: Literal["photo", "image", "video"] = "photo"
    url: str = Field(min_length=1, max_length=512, description="The media_key of the upload.")
    alt_text: AltText | None = None
    tags: list[TagParam] | None = Field(None, max_length=service.TAGS_MAX)


class Create(Params):
    caption: Caption = ""
    media: list[MediaParam] = Field(min_length=1, max_length=service.ITEMS_MAX)
    location: LocationParam | None = None
    audience: Audience = "public"
    comments_disabled: bool = False


class PostId(Params):
    post_id: PostIdText


class Update(PostId):
    caption: Caption | None = None
    location: LocationParam | None = None
    comments_disabled: bool | None = None
    alt_texts: list[AltText] | None = Field(None, max_length=service.ITEMS_MAX)


class LikeParams(PostId):
    reaction: Literal["like", "love", "laugh", "wow", "sad", "fire"] = "like"


class LikesPage(PageParams):
    post_id: PostIdText


class SaveParams(PostId):
    collection_id: str | None = Field(None, max_length=64)


class CollectionName(Params):
    name: str = Field(min_length=1, max_length=60)


class CollectionPage(PageParams):
    id: str = Field(max_length=64)


class Liked(TypedDict):
    post_id: str
    likes_count: int


class Saved(TypedDict):
    post_id: str
    is_saved: bool


class Cover(TypedDict):
    post_id: str
    thumbnail: str | None
    thumbhash: str | None


class CollectionView(TypedDict):
    collection_id: str
    name: str
    count: int
    cover: Cover | None


class Collections(TypedDict):
    collections: list[CollectionView]
    pagination: Pagination


@operation("posts.create", "POST", "/posts", status=201)
async def create(ctx: Context, params: Create) -> PostView:
    """Publish photos and videos with a caption."""
    location = params.location
    draft = service.Draft(
        params.caption,
        [item.model_dump() for item in params.media],
        Location(**location.model_dump()) if location else None,
        params.audience,
        params.comments_disabled,
    )
    return await service.create(ctx, draft)  # type: ignore[return-value]


@operation("posts.get", "GET", "/posts/{post_id}")
async def get(ctx: Context, params: PostId) -> PostView:
    """One post."""
    post = await access.visible_post(ctx.resources, ctx.user_id, params.post_id)
    return await queries.encoded_post(ctx.resources, ctx.user_id, post)  # type: ignore[return-value]


@operation("posts.update", "PUT", "/posts/{post_id}")
async def update(ctx: Context, params: Update) -> PostView:
    """Edit one's own post."""
    change = {
        name: value
        for name, value in params.model_dump(exclude={"post_id"}, exclude_unset=True).items()
        if value is not None or name == "location"
    }
    return await service.update(ctx, params.post_id, change)  # type: ignore[return-value]


@operation("posts.delete", "DELETE", "/posts/{post_id}", status=204)
async def delete(ctx: Context, params: PostId) -> None:
    """Delete one's own post."""
    await service.delete(ctx, params.post_id)


@operation("posts.archive", "POST", "/posts/{post_id}/archive")
async def archive(ctx: Context, params: PostId) -> PostView:
    """Hide one's own post from everyone else."""
    return await service.archive(ctx, params.post_id)  # type: ignore[return-value]


@operation("posts.unarchive", "POST", "/posts/{post_id}/unarchive")
async def unarchive(ctx: Context, params: PostId) -> PostView:
    """Show an archived post again."""
    return await service.unarchive(ctx, params.post_id)  # type: ignore[return-value]


@operation("posts.archived", "GET", "/posts/archived")
async def archived(ctx: Context, params: PageParams) -> Posts:
    """One's own archived posts."""
    return await queries.archived(  # type: ignore[return-value]
        ctx.resources, ctx.user_id, params.cursor, params.limit
    )


@operation("posts.like", "POST", "/posts/{post_id}/like", limit="likes")
async def like(ctx: Context, params: LikeParams) -> Liked:
    """Like a post."""
    count = await service.like(ctx, params.post_id, params.reaction)
    return {"post_id": params.post_id, "likes_count": count}


@operation("posts.unlike", "DELETE", "/posts/{post_id}/like", limit="likes")
async def unlike(ctx: Context, params: PostId) -> Liked:
    """Take a like back."""
    count = await service.unlike(ctx, params.post_id)
    return {"post_id": params.post_id, "likes_count": count}


@operation("posts.likes", "GET", "/posts/{post_id}/likes")
async def likes(ctx: Context, params: LikesPage) -> People:
    """Who liked a post, newest first."""
    await access.visible_post(ctx.resources, ctx.user_id, params.post_id)
    ids, after = await queries.page_of_likers(
        ctx.resources, params.post_id, params.cursor, params.limit
    )
    return await graph.rows(ctx.resources, ctx.user_id, ids, after)


@operation("posts.save", "POST", "/posts/{post_id}/save")
async def save(ctx: Context, params: SaveParams) -> Saved:
    """Save a post, also into a collection."""
    await service.save(ctx, params.post_id, params.collection_id)
    return {"post_id": params.post_id, "is_saved": True}


@operation("posts.unsave", "DELETE", "/posts/{post_id}/save")
async def unsave(ctx: Context, params: SaveParams) -> Saved:
    """Forget a saved post, or take it out of one collection."""
    await service.unsave(ctx, params.post_id, params.collection_id)
    return {"post_id": params.post_id, "is_saved": params.collection_id is not None}


@operation("posts.saved", "GET", "/posts/saved")
async def saved(ctx: Context, params: PageParams) -> Posts:
    """Everything one saved."""
    return await queries.page_of_saved(  # type: ignore[return-value]
        ctx.resources, ctx.user_id, None, params.cursor, params.limit
    )


@operation("collections.list", "GET", "/collections")
async def collections(ctx: Context, params: PageParams) -> Collections:
    """One's own collections, by name."""
    found, after = await queries.collections_of(
        ctx.resources, ctx.user_id, params.cursor, params.limit
    )
    covers = await fragments.load(ctx.resources, [c["cover"] for c in found if c["cover"]])
    return {
        "collections": [
            {
                "collection_id": collection["_id"],
                "name": collection["name"],
                "count": collection["count"],
                "cover": await _cover(ctx, covers.get(collection["cover"])),
            }
            for collection in found
        ],
        "pagination": pagination(after),
    }


async def _cover(ctx: Context, fragment: fragments.Fragment | None) -> Cover | None:
    if fragment is None or not await access.may_see(ctx.resources, ctx.user_id, fragment.post):
        return None
    thumbnail = fragments.thumbnail(ctx.resources, ctx.user_id, fragment)
    return {"post_id": fragment.post["_id"], **thumbnail}


@operation("collections.create", "POST", "/collections", status=201)
async def create_collection(ctx: Context, params: CollectionName) -> CollectionView:
    """Make a collection."""
    made = await service.create_collection(ctx, params.name)
    return {"collection_id": made.id, "name": made.name, "count": 0, "cover": None}


@operation("collections.get", "GET", "/collections/{id}")
async def collection(ctx: Context, params: CollectionPage) -> Posts:
    """What one put into a collection."""
    await service.own_collection(ctx, params.id)
    return await queries.page_of_saved(  # type: ignore[return-value]
        ctx.resources, ctx.user_id, params.id, params.cursor, params.limit
    )


OPERATIONS = [
    create,
    get,
    update,
    delete,
    archive,
    unarchive,
    archived,
    like,
    unlike,
    likes,
    save,
    unsave,
    saved,
    collections,
    create_collection,
    collection,
]
