"""Addresses of questions, answers, comments, and who does not want to hear whom."""

from django.urls import path

from community.views import answers, comments, mutes, questions

urlpatterns = [
    path("questions/", questions.questions, name="questions"),
    path("questions/ask/", questions.ask, name="ask"),
    path("questions/<int:pk>-<slug:slug>/", questions.question, name="question"),
    path("questions/<int:pk>/remove/", questions.question_remove, name="question_remove"),
    path("questions/<int:pk>/answer/", answers.answer_new, name="answer_new"),
    path("answers/<int:pk>/edit/", answers.answer_edit, name="answer_edit"),
    path("answers/<int:pk>/remove/", answers.answer_remove, name="answer_remove"),
    path("answers/<int:pk>/accept/", answers.answer_accept, name="answer_accept"),
    path("publications/<int:pk>/comments/", comments.comments, name="comments"),
    path("publications/<int:pk>/comments/new/", comments.comment_new, name="comment_new"),
    path("comments/<int:pk>/edit/", comments.comment_edit, name="comment_edit"),
    path("comments/<int:pk>/remove/", comments.comment_remove, name="comment_remove"),
    path("unwanted/", mutes.unwanted, name="unwanted"),
    path("unwanted/mute/", mutes.mute, name="mute"),
    path("unwanted/block/", mutes.block, name="block"),
    path("unwanted/undo/", mutes.undo, name="undo_unwanted"),
]
