"""Handing a letter to the mail server, in steps: what was not accepted yet can be told apart
from what may have been."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import parseaddr

import aiosmtplib

from app.settings import Email


class MailLater(Exception):
    """The mail server is away or wants it another time; it did not take the letter."""


class MailRefused(Exception):
    """It will never take this letter."""


class MailUnknown(Exception):
    """The connection broke while it was being given the letter: it may have taken it."""


async def send(
    settings: Email, letter: EmailMessage, commit: Callable[[], Awaitable[bool]]
) -> bool:
    """Send; `commit` is asked when the server has accepted sender and recipient, right before
    it is given the letter: False leaves it at that. Raises MailLater, MailRefused, MailUnknown."""
    given = False
    try:
        async with _connection(settings) as smtp:
            await smtp.mail(parseaddr(letter["From"])[1])
            await smtp.rcpt(parseaddr(letter["To"])[1])
            if not await commit():
                return False
            given = True
            await smtp.data(letter.as_bytes(policy=SMTP_POLICY))
            return True
    except aiosmtplib.SMTPResponseException as error:
        # Any answer of the server's is a definite one; 4xx: another time.
        if error.code >= 500:
            raise MailRefused(repr(error)) from error
        raise MailLater(repr(error)) from error
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
        if given:
            raise MailUnknown(repr(error)) from error
        raise MailLater(repr(error)) from error


@asynccontextmanager
async def _connection(settings: Email) -> AsyncIterator[aiosmtplib.SMTP]:
    smtp = aiosmtplib.SMTP(
        hostname=settings.host,
        port=settings.port,
        username=settings.username or None,
        password=settings.password or None,
        use_tls=settings.tls == "tls",
        start_tls=settings.tls == "starttls",
        timeout=settings.timeout_s,
    )
    await smtp.connect()
    try:
        if smtp.is_ehlo_or_helo_needed:
            await smtp.ehlo()
        yield smtp
    finally:
        # Not QUIT: its failure after an accepted letter must not look like the letter's.
        smtp.close()
