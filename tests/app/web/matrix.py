"""Who may do what: one row an operation, one column a way of standing to the owner of a thing.

anonymous   no token
stranger    no relation to the owner, whose account is public
outsider    no relation to the owner, whose account is private
follower    accepted by the owner, whose account is private
blocked     by the owner, whose account is public
owner       of a private account
"""

COLUMNS = ("anonymous", "stranger", "outsider", "follower", "blocked", "owner")
Row = tuple[int, int, int, int, int, int]

# What one does with one's own things alone.
OWN: Row = (401, 200, 200, 200, 200, 200)
# What others have no business with: for them it is not there.
OWNERS: Row = (401, 404, 404, 404, 404, 200)
# To be seen by whoever may see the post.
SEEN: Row = (401, 200, 404, 200, 404, 200)
# To be changed by its author; who may see it is told so.
AUTHORS: Row = (401, 403, 404, 403, 404, 200)
# Of a person, not of their posts: a private account is no secret, a block hides it.
PERSON: Row = (401, 200, 200, 200, 404, 200)
# Lists of a person's things.
LISTS: Row = (401, 200, 403, 200, 404, 200)
ONESELF_NOT: Row = (401, 200, 200, 200, 404, 422)
ANYONE: Row = (200, 200, 200, 200, 200, 200)

TABLE: dict[str, Row] = {
    "POST /users/register": (201, 201, 201, 201, 201, 201),
    "POST /users/login": ANYONE,
    "POST /auth/refresh": ANYONE,
    "POST /auth/logout": OWN,
    "GET /auth/sessions": OWN,
    "DELETE /auth/sessions": OWN,
    "DELETE /auth/sessions/{id}": OWNERS,
    "GET /users/{username}": PERSON,
    "GET /users/me": OWN,
    "PUT /users/{username}": (401, 403, 403, 403, 404, 200),
    "GET /users/search": OWN,
    "GET /users/suggestions": OWN,
    "POST /users/{username}/follow": ONESELF_NOT,
    "DELETE /users/{username}/follow": PERSON,
    "DELETE /users/{username}/follower": PERSON,
    "GET /users/{username}/followers": LISTS,
    "GET /users/{username}/following": LISTS,
    "GET /follow-requests": OWN,
    "POST /follow-requests/{username}/accept": OWNERS,
    "POST /follow-requests/{username}/decline": OWNERS,
    # Who is blocked may block in turn, so that both have to end it.
    "POST /users/{username}/block": (401, 200, 200, 200, 200, 422),
    "DELETE /users/{username}/block": OWN,
    "POST /users/{username}/mute": ONESELF_NOT,
    "DELETE /users/{username}/mute": OWN,
    "POST /users/{username}/restrict": ONESELF_NOT,
    "DELETE /users/{username}/restrict": OWN,
    "GET /me/blocked": OWN,
    "GET /me/muted": OWN,
    "GET /me/muted-posts": OWN,
    "POST /media/upload-url": OWN,
    "POST /media/{media_id}/complete": OWNERS,
    "GET /media/{media_id}": OWNERS,
    "POST /media/{media_id}/retry": (401, 404, 404, 404, 404, 409),
    "POST /media/multipart": OWN,
    "GET /media/multipart/{media_id}": OWNERS,
    "POST /media/multipart/{media_id}/parts": OWNERS,
    "POST /media/multipart/{media_id}/complete": (401, 404, 404, 404, 404, 409),
    "POST /media/multipart/{media_id}/abort": OWNERS,
    "POST /posts": (401, 422, 422, 422, 422, 201),
    "GET /posts/{post_id}": SEEN,
    "PUT /posts/{post_id}": AUTHORS,
    "DELETE /posts/{post_id}": (401, 403, 404, 403, 404, 204),
    "POST /posts/{post_id}/archive": AUTHORS,
    "POST /posts/{post_id}/unarchive": AUTHORS,
    "GET /posts/archived": OWN,
    "POST /posts/{post_id}/like": SEEN,
    "DELETE /posts/{post_id}/like": SEEN,
    "GET /posts/{post_id}/likes": SEEN,
    "POST /posts/{post_id}/save": SEEN,
    # What can't be seen any more may still be forgotten.
    "DELETE /posts/{post_id}/save": OWN,
    "GET /posts/saved": OWN,
    "GET /collections": OWN,
    "POST /collections": (401, 201, 201, 201, 201, 201),
    "GET /collections/{id}": OWNERS,
    "POST /posts/{post_id}/comments": (401, 201, 404, 201, 404, 201),
    "GET /posts/{post_id}/comments": SEEN,
    "GET /comments/{id}/replies": SEEN,
    "POST /comments/{id}/approve": AUTHORS,
    "POST /comments/{id}/like": SEEN,
    "DELETE /comments/{id}/like": SEEN,
    "DELETE /comments/{id}": (401, 403, 404, 403, 404, 204),
    "GET /feed/home": OWN,
    "GET /feed/user/{username}": LISTS,
    "GET /notifications": OWN,
    "POST /notifications/read": OWN,
    "GET /notifications/preferences": OWN,
    "PUT /notifications/preferences": OWN,
    "GET /posts/{post_id}/mute": SEEN,
    "POST /posts/{post_id}/mute": SEEN,
    "DELETE /posts/{post_id}/mute": OWN,
    "GET /me/presence": OWN,
    "PUT /me/presence": OWN,
    "GET /push/key": OWN,
    # These tests have no keys for push; tests/app/push has.
    "POST /push/subscriptions": (401, 409, 409, 409, 409, 409),
    "DELETE /push/subscriptions": OWN,
    "GET /conversations": OWN,
    "POST /conversations": (401, 201, 201, 201, 404, 422),
    "GET /conversations/{id}": OWNERS,
    "PUT /conversations/{id}": OWNERS,
    "DELETE /conversations/{id}": (401, 404, 404, 404, 404, 204),
    "POST /conversations/{id}/accept": OWNERS,
    "POST /conversations/{id}/decline": (401, 404, 404, 404, 404, 409),
    "POST /conversations/{id}/members": OWNERS,
    "PUT /conversations/{id}/members/{username}": OWNERS,
    "DELETE /conversations/{id}/members/{username}": OWNERS,
    "POST /conversations/{id}/read": OWNERS,
    "POST /conversations/{id}/typing": OWNERS,
    "GET /conversations/{id}/messages": OWNERS,
    "POST /conversations/{id}/messages": (401, 404, 404, 404, 404, 201),
    # To write to someone is open to all but those behind a block: strangers are requests.
    "POST /messages": (401, 201, 201, 201, 404, 422),
    "GET /messages/search": OWN,
    "GET /messages/{id}": OWNERS,
    "PUT /messages/{id}": OWNERS,
    "DELETE /messages/{id}": (401, 404, 404, 404, 404, 204),
    "POST /messages/{id}/reactions": OWNERS,
    "DELETE /messages/{id}/reactions": OWNERS,
    "POST /posts/{post_id}/share": SEEN,
    "GET /me/close-friends": OWN,
    "PUT /me/close-friends": OWN,
    "GET /me/lists": OWN,
    "POST /me/lists": (401, 201, 201, 201, 201, 201),
    "GET /me/lists/{list_id}": OWNERS,
    "PUT /me/lists/{list_id}": OWNERS,
    "DELETE /me/lists/{list_id}": (401, 404, 404, 404, 404, 204),
    "POST /stories": (401, 422, 422, 422, 422, 201),
    "GET /stories/feed": OWN,
    "POST /stories/signals": OWN,
    "GET /stories/{id}": SEEN,
    "DELETE /stories/{id}": (401, 403, 404, 403, 404, 204),
    "POST /stories/{story_id}/view": SEEN,
    "GET /stories/{id}/viewers": AUTHORS,
    "GET /stories/{id}/insights": AUTHORS,
    "POST /stories/{id}/reactions": SEEN,
    "DELETE /stories/{id}/reactions": SEEN,
    # Others answer, reply to and show again: one's own is one's own already.
    "POST /stories/{id}/answers": (401, 200, 404, 200, 404, 403),
    "GET /stories/{id}/answers": AUTHORS,
    "POST /stories/{id}/replies": (401, 200, 404, 200, 404, 403),
    "POST /stories/{id}/repost": (401, 201, 404, 201, 404, 403),
    "POST /stories/{id}/share": SEEN,
    # A private account's name is no secret; what it tells is: the list is empty then.
    "GET /users/{username}/stories": PERSON,
    "GET /me/stories/archive": OWN,
    "DELETE /me/stories/archive/{id}": (401, 404, 404, 404, 404, 204),
    "GET /users/{username}/highlights": LISTS,
    "POST /highlights": (401, 422, 422, 422, 422, 201),
    "GET /highlights/{id}": SEEN,
    "PUT /highlights/{id}": AUTHORS,
    "DELETE /highlights/{id}": (401, 403, 404, 403, 404, 204),
}
