"""One digest for each person who wants them, and period.

The row is claimed first and says how far the letter is. A worker that dies before the mail
server was given the letter leaves a claim that runs out, and another writes it. One that dies
while the server has it leaves `sending`, which nobody touches: the letter may have been taken,
and a second one is worse than none. Nothing is lost by that, since a digest begins where the
last one that was certainly sent ended.
"""

import logging
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from pymongo.errors import DuplicateKeyError

from app import clock, ids, mail
from app.digest import letter as letters, link
from app.identity import queries as people
from app.notifications import preferences, service as notifications
from app.notifications.periods import Period, period
from app.notifications.views import NotificationView
from app.settings import Settings

if TYPE_CHECKING:
    from app.resources import Resources

log = logging.getLogger(__name__)
Raw = dict[str, Any]
Outcome = Literal["sent", "empty", "failed", "later", "unknown", "done", "busy"]
LEASE = timedelta(seconds=120)
_ATTEMPTS_MAX = 12
_PAUSE_FIRST, _PAUSE_MAX = timedelta(minutes=1), timedelta(hours=1)
_PEOPLE_AT_ONCE = 200
_BACK_MAX = timedelta(days=31)


def is_on(settings: Settings) -> bool:
    return bool(settings.email.host and settings.http.public_url)


async def run_due(resources: "Resources") -> Counter[Outcome]:
    """Deal with everyone whose digest is due; how many, by what became of it."""
    told: Counter[Outcome] = Counter()
    hour = resources.settings.email.digest_hour
    for wish in ("daily", "weekly"):
        due = period("daily" if wish == "daily" else "weekly", clock.now(), hour)
        last = ""
        while True:
            rows = await (
                resources.mongo.notification_preferences.find(
                    {"digest": wish, "digested": {"$ne": due.name}, "_id": {"$gt": last}},
                    {"_id": 1},
                )
                .sort("_id", 1)
                .to_list(_PEOPLE_AT_ONCE)
            )
            for row in rows:
                told[await run_one(resources, row["_id"], due)] += 1
            if len(rows) < _PEOPLE_AT_ONCE:
                break
            last = rows[-1]["_id"]
    return told


async def run_one(resources: "Resources", user_id: str, due: Period) -> Outcome:
    """Write and send one person's digest of a period, if it is this worker's to do."""
    claim = await _claim(resources, f"{user_id}:{due.name}", user_id)
    if isinstance(claim, str):
        if claim == "done":
            await _dealt_with(resources, user_id, due)
        return claim
    outcome = await _write(resources, claim, due)
    log.info("digest %s: %s", claim["_id"], outcome)
    if outcome not in ("later", "busy"):
        await _dealt_with(resources, user_id, due)
    return outcome


async def _claim(
    resources: "Resources", its_id: str, user_id: str
) -> Raw | Literal["done", "busy"]:
    now = clock.now()
    mine: Raw = {"owner": ids.new_id("own"), "claimed_until": now + LEASE, "at": now}
    row: Raw = {"_id": its_id, "user_id": user_id, "state": "claimed", "attempts": 1, **mine}
    digests = resources.mongo.digests
    try:
        await digests.insert_one(row)
        return row
    except DuplicateKeyError:
        pass
    free = {"_id": its_id, "state": "claimed", "claimed_until": {"$lte": now}}
    before: Raw | None = await digests.find_one_and_update(
        free, {"$set": mine, "$inc": {"attempts": 1}}
    )
    if before is not None:
        return {**before, **mine, "attempts": before["attempts"] + 1}
    found = await digests.find_one({"_id": its_id})
    busy = found is not None and found["state"] in ("claimed", "sending")
    return "busy" if busy and found and found["claimed_until"] > now else "done"


async def _write(resources: "Resources", claim: Raw, due: Period) -> Outcome:
    user_id = claim["user_id"]
    person = await resources.mongo.users.find_one({"_id": user_id}, {"email": 1, "username": 1})
    views, more = await unseen(resources, user_id, await _since(resources, user_id, due))
    if person is None or not views:
        await _advance(resources, claim, "empty")
        return "empty"
    settings = resources.settings
    origin = settings.http.public_url
    letter = letters.write(
        sender=settings.email.sender,
        to=person["email"],
        username=person["username"],
        message_id=f"<{claim['_id'].replace(':', '.')}@{origin.partition('://')[2].split(':')[0]}>",
        views=views,
        more=more,
        origin=origin,
        unsubscribe=link.url(origin, settings.auth.secret, user_id),
    )

    async def commit() -> bool:
        return await _advance(resources, claim, "sending")

    try:
        if not await mail.send(settings.email, letter, commit):
            return "busy"  # this process slept, and another has taken it over
    except mail.MailLater as error:
        return await _later(resources, claim, repr(error))
    except mail.MailRefused as error:
        log.error("digest %s was refused: %r", claim["_id"], error)
        await _advance(resources, claim, "failed")
        return "failed"
    except mail.MailUnknown as error:
        log.error("digest %s may have been sent: %r", claim["_id"], error)
        return "unknown"
    await _advance(resources, claim, "sent")
    return "sent"


async def _later(resources: "Resources", claim: Raw, reason: str) -> Outcome:
    log.warning("digest %s: %s", claim["_id"], reason)
    if claim["attempts"] >= _ATTEMPTS_MAX:
        await _advance(resources, claim, "failed")
        return "failed"
    pause = min(_PAUSE_MAX, _PAUSE_FIRST * 2 ** (claim["attempts"] - 1))
    await resources.mongo.digests.update_one(
        {"_id": claim["_id"], "owner": claim["owner"]},
        {"$set": {"state": "claimed", "claimed_until": clock.now() + pause}},
    )
    return "later"


async def _advance(resources: "Resources", claim: Raw, state: str) -> bool:
    """Whether the claim was still this worker's."""
    result = await resources.mongo.digests.update_one(
        {"_id": claim["_id"], "owner": claim["owner"], "state": {"$in": ["claimed", "sending"]}},
        {"$set": {"state": state}},
    )
    return bool(result.matched_count)


async def _dealt_with(resources: "Resources", user_id: str, due: Period) -> None:
    await resources.mongo.notification_preferences.update_one(
        {"_id": user_id}, {"$set": {"digested": due.name}}
    )


async def _since(resources: "Resources", user_id: str, due: Period) -> datetime:
    last = await resources.mongo.digests.find_one(
        {"user_id": user_id, "state": "sent"}, sort=[("at", -1)]
    )
    since: datetime = last["at"] if last else due.since
    return max(since, clock.now() - _BACK_MAX)


async def unseen(
    resources: "Resources", user_id: str, since: datetime
) -> tuple[list[NotificationView], int]:
    """Unread notifications that changed since, of the kinds the person wants by email: the
    newest few, and how many more there are. Nothing of blocked or muted people or posts."""
    rows = await (
        resources.mongo.notification_groups.find(
            {
                "recipient_id": user_id,
                "is_read": False,
                "updated_at": {"$gt": since},
                "kind": {"$in": await preferences.emailed(resources, user_id)},
            }
        )
        .sort([("updated_at", -1), ("_id", -1)])
        .to_list(notifications.UNREAD_SHOWN_MAX)
    )
    found: list[NotificationView] = []
    for row in rows:
        view = await notifications.fit_to_send(resources, row)
        if view is not None:
            found.append(view)
    return found[: letters.SHOWN_MAX], max(0, len(found) - letters.SHOWN_MAX)


async def stop(resources: "Resources", token: str) -> str:
    """End the digest of whoever the link was made for; their username. Raises NotFound."""
    user_id = link.user_of(resources.settings.auth.secret, token)
    await resources.mongo.notification_preferences.update_one(
        {"_id": user_id}, {"$set": {"digest": "off"}}
    )
    cards = await people.cards(resources, [user_id])
    return str(cards[user_id]["username"]) if user_id in cards else ""
