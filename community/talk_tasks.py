"""What pages leave to a worker, so that nobody waits for a mail server. A task may run twice."""

from django.tasks import task

from community.models import Question
from community.questions import tell_who_is_asked


@task
def tell_of_question(question_id: int) -> None:
    """Mail whom a question is for, if it is still there."""
    question = (
        Question.objects.select_related("asker", "person", "publication__author")
        .filter(pk=question_id, removed_at=None)
        .first()
    )
    if question is not None:
        tell_who_is_asked(question=question)
