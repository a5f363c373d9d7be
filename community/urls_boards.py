"""Addresses of boards: making, sharing and saving them."""

from django.urls import path

from community.views import board_editor, boards

urlpatterns = [
    path("boards/", boards.boards, name="boards"),
    path("studio/boards/new/", board_editor.board_new, name="board_new"),
    path("studio/boards/<int:pk>/", board_editor.board_edit, name="board_edit"),
    path("studio/boards/<int:pk>/describe/", board_editor.board_describe, name="board_describe"),
    path("studio/boards/<int:pk>/state/", board_editor.board_state, name="board_state"),
    path("studio/boards/<int:pk>/delete/", board_editor.board_delete, name="board_delete"),
    path("studio/boards/<int:pk>/order/", board_editor.board_order, name="board_order"),
    path("studio/boards/<int:pk>/products/", board_editor.board_add_product, name="board_add_product"),
    path("studio/boards/<int:pk>/pictures/", board_editor.board_add_picture, name="board_add_picture"),
    path("studio/boards/<int:pk>/pins/<int:pin_pk>/note/", board_editor.pin_note, name="pin_note"),
    path("studio/boards/<int:pk>/pins/<int:pin_pk>/move/", board_editor.pin_move, name="pin_move"),
    path("studio/boards/<int:pk>/pins/<int:pin_pk>/cover/", board_editor.pin_cover, name="pin_cover"),
    path("studio/boards/<int:pk>/pins/<int:pin_pk>/remove/", board_editor.pin_remove, name="pin_remove"),
    path("@<str:handle>/<slug:slug>/", boards.board, name="board"),
]
