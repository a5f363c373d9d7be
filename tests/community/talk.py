"""What the tests of questions, answers and comments speak of."""

from community.answers import give_answer
from community.comments import write_comment
from community.questions import Subject, ask
from tests.factories import NOW


def make_question(asker, *, title="Kan deze kop in de vaatwasser?", at=NOW, **fields):
    """A question about `product=`, `publication=` or to `person=`."""
    subject = {name: fields.pop(name) for name in ("product", "publication", "person") if name in fields}
    return ask(asker=asker, subject=Subject(**subject), title=title, language="nl", at=at, **fields)


def make_answer(question, author, text="Ja, op de bovenste plank.", *, at=NOW, **fields):
    return give_answer(question=question, author=author, text=text, at=at, **fields)


def make_comment(publication, author, text="Mooi gedekt.", *, at=NOW, **fields):
    return write_comment(publication=publication, author=author, text=text, at=at, **fields)
