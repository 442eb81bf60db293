"""The digest as an email: text, and simple HTML that says the same."""

from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape

from app import clock
from app.notifications.views import NotificationView
from app.notifications.words import path, sentence

SHOWN_MAX = 20


def write(
    *,
    sender: str,
    to: str,
    username: str,
    message_id: str,
    views: Sequence[NotificationView],
    more: int,
    origin: str,
    unsubscribe: str,
) -> EmailMessage:
    """`views` are shown, newest first; `more` is how many are not. Same arguments, same letter."""
    origin = origin.rstrip("/")
    lines = [(sentence(view), origin + path(view)) for view in views]
    letter = EmailMessage()
    letter["From"] = sender
    letter["To"] = to
    letter["Subject"] = _subject(lines[0][0], len(lines) - 1 + more)
    letter["Date"] = format_datetime(clock.now())
    letter["Message-ID"] = message_id
    letter["Auto-Submitted"] = "auto-generated"
    # RFC 8058: mail programs show a button that ends it with one click.
    letter["List-Unsubscribe"] = f"<{unsubscribe}>"
    letter["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    letter.set_content(_text(username, lines, more, origin, unsubscribe))
    letter.add_alternative(_html(username, lines, more, origin, unsubscribe), subtype="html")
    return letter


def _subject(first: str, others: int) -> str:
    return first if others == 0 else f"{first}, and {others} more"


def _text(
    username: str, lines: list[tuple[str, str]], more: int, origin: str, unsubscribe: str
) -> str:
    parts = [f"Hello {username},", "this is what you have not seen on Glimpse:"]
    parts += [f"- {words}\n  {link}" for words, link in lines]
    if more:
        parts.append(f"and {more} more: {origin}/notifications")
    parts.append(f"-- \nNo more of these: {unsubscribe}")
    return "\n\n".join(parts) + "\n"


def _html(
    username: str, lines: list[tuple[str, str]], more: int, origin: str, unsubscribe: str
) -> str:
    items = "".join(
        f'<li style="margin:0 0 8px"><a href="{escape(link)}">{escape(words)}</a></li>'
        for words, link in lines
    )
    rest = f'<p><a href="{escape(origin)}/notifications">and {more} more</a></p>' if more else ""
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Glimpse</title>'
        '<body style="font-family:sans-serif;max-width:560px;margin:0 auto;padding:24px">'
        f"<p>Hello {escape(username)},</p><p>this is what you have not seen on Glimpse:</p>"
        f"<ul>{items}</ul>{rest}"
        f'<p style="font-size:13px"><a href="{escape(unsubscribe)}">No more of these</a></p>'
        "</body></html>"
    )
