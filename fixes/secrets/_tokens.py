"""Tokens that their form alone tells: those of services which print a mark on them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

MARKS = re.compile(
    r"AKIA|ASIA|gh[pousr]_|github_pat_|gl\w+-|xox[abposr]-|hooks\.slack|[rs]k_live_|SG\.|pypi-Ag|T3BlbkFJ"
    r"|sk-ant-|AccountKey=|sq0csp-|AIza|[MNO][\w-]{23,25}\.[\w-]{6}\.|\d{8,10}:[\w-]{35}"
)
"""What a text has that may hold a token: looking closer takes an import."""

NEWER = {
    "github": r"github_pat_\w{82}",
    "anthropic": r"sk-ant-[\w-]{80,}",
    "google": r"AIza[\w-]{35}(?![\w-])",
}
"""Forms that the detectors do not know."""

SHOWN = r"(?i)example|xxx|\*\*\*|000000|123456|abcdef|your|<|\.\.\.|Eby8vdM02xNOcq"
"""What the tokens of documentation and of blanks to fill in have in them, and the key that every
emulator of Azure's storage takes."""


class Token(NamedTuple):
    """A token in a text: whose it is, as part of a variable's name (`GITHUB_TOKEN`), and where."""

    name: str
    value: str
    start: int


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a text."""
    if MARKS.search(text) is None:
        return
    taken: set[int] = set()
    for name, pattern in _forms():
        for match in pattern.finditer(text):
            value, start = match[0], match.start()
            is_whole = re.search(r"(\A|//|[^\w/+-])\Z", text[max(start - 2, 0) : start]) is not None
            if is_whole and start not in taken and not re.search(SHOWN, value):
                taken.add(start)
                yield Token(name, value, start)


@cache
def _forms() -> list[tuple[str, re.Pattern[str]]]:
    from detect_secrets.plugins import (
        aws,
        azure_storage_key,
        discord,
        github_token,
        gitlab_token,
        openai,
        pypi_token,
        sendgrid,
        slack,
        square_oauth,
        stripe,
        telegram_token,
    )

    detectors = {
        "AWS_ACCESS_KEY_ID": aws.AWSKeyDetector.denylist[:1],
        "AZURE_STORAGE_CONNECTION": azure_storage_key.AzureStorageKeyDetector.denylist,
        "DISCORD_TOKEN": discord.DiscordBotTokenDetector.denylist,
        "GITHUB_TOKEN": github_token.GitHubTokenDetector.denylist,
        "GITLAB_TOKEN": gitlab_token.GitLabTokenDetector.denylist,
        "OPENAI_API_KEY": openai.OpenAIDetector.denylist,
        "PYPI_TOKEN": pypi_token.PypiTokenDetector.denylist,
        "SENDGRID_API_KEY": sendgrid.SendGridDetector.denylist,
        "SLACK_TOKEN": slack.SlackDetector.denylist,
        "SQUARE_SECRET": square_oauth.SquareOAuthDetector.denylist,
        "STRIPE_KEY": stripe.StripeDetector.denylist,
        "TELEGRAM_TOKEN": telegram_token.TelegramBotTokenDetector.denylist,
    }
    known = [(name, each) for name, patterns in detectors.items() for each in patterns]
    return known + [(f"{name.upper()}_TOKEN", re.compile(each)) for name, each in NEWER.items()]
