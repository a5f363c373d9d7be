"""What the demo's people say to each other, read from voices.toml: reviews, questions, comments, follows, saves."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent

type Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Review:
    """A buyer's review of a product; `reply` is the shop's."""

    product: str
    name: str
    stars: int
    title: str
    text: str
    less_good: str = ""
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    by: str
    text: str
    products: tuple[str, ...] = ()
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A question about one thing: a `product`, a `person`, or a `board` (or story) by its slug."""

    asker: str
    title: str
    answers: tuple[Answer, ...]
    text: str = ""
    product: str = ""
    person: str = ""
    board: str = ""
    language: str = "nl"


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on a board or story, by its slug; `replies` are (who, text)."""

    on: str
    by: str
    text: str
    replies: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Follows:
    """Whom and what somebody follows: usernames, and slugs of boards, themes and shops."""

    who: str
    people: tuple[str, ...] = ()
    boards: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    shops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Saves:
    """Products that somebody saved from a board or story to a board of their own, by its title."""

    who: str
    board: str
    origin: str
    products: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contributor:
    """Somebody who works on another's board, and what was added to it."""

    board: str
    who: str
    products: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Remix:
    """A version of one's own of another's board."""

    who: str
    of: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Voices:
    reviews: tuple[Review, ...]
    questions: tuple[Question, ...]
    comments: tuple[Comment, ...]
    follows: tuple[Follows, ...]
    saves: tuple[Saves, ...]
    contributors: tuple[Contributor, ...]
    remixes: tuple[Remix, ...]


def read_voices() -> Voices:
    with (HERE / "voices.toml").open("rb") as file:
        rows: dict[str, list[Row]] = tomllib.load(file)
    return Voices(
        reviews=tuple(Review(**row) for row in rows["review"]),
        questions=tuple(_question(row) for row in rows["question"]),
        comments=tuple(_comment(row) for row in rows["comment"]),
        follows=tuple(
            Follows(row["who"], **{key: tuple(names) for key, names in row.items() if key != "who"})
            for row in rows["follow"]
        ),
        saves=tuple(
            Saves(row["who"], row["board"], row["from"], tuple(row["products"])) for row in rows["save"]
        ),
        contributors=tuple(
            Contributor(row["board"], row["who"], tuple(row["products"]), row["note"])
            for row in rows["contributor"]
        ),
        remixes=tuple(Remix(**row) for row in rows["remix"]),
    )


def _question(row: Row) -> Question:
    answers = tuple(
        Answer(one["by"], one["text"], tuple(one.get("p", ())), one.get("accepted", False))
        for one in row.pop("answers", ())
    )
    return Question(answers=answers, **row)


def _comment(row: Row) -> Comment:
    replies = tuple((one["by"], one["text"]) for one in row.pop("replies", ()))
    return Comment(replies=replies, **row)
