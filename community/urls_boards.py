"""Addresses of boards: making, sharing and saving them."""

from django.urls import path

from community.views import board_editor, board_hotspots, board_people, board_pins, boards, saves
from community.views.named_links import named_link, or_named_link
from community.views.past_handles import leads_on

urlpatterns = [
    path("boards/", boards.boards, name="boards"),
    path("studio/boards/new/", board_editor.board_new, name="board_new"),
    path("studio/boards/<int:pk>/", board_editor.board_edit, name="board_edit"),
    path("studio/boards/<int:pk>/describe/", board_editor.board_describe, name="board_describe"),
    path("studio/boards/<int:pk>/state/", board_editor.board_state, name="board_state"),
    path("studio/boards/<int:pk>/delete/", board_editor.board_delete, name="board_delete"),
    path("studio/boards/<int:pk>/order/", board_pins.board_order, name="board_order"),
    path("studio/boards/<int:pk>/products/", board_pins.board_add_product, name="board_add_product"),
    path("studio/boards/<int:pk>/pictures/", board_pins.board_add_picture, name="board_add_picture"),
    path("studio/boards/<int:pk>/pins/<int:pin_pk>/note/", board_pins.pin_note, name="pin_note"),
    path("studio/boards/<int:pk>/pins/<int:pin_pk>/move/", board_pins.pin_move, name="pin_move"),
    path("studio/boards/<int:pk>/pins/<int:pin_pk>/cover/", board_pins.pin_cover, name="pin_cover"),
    path("studio/boards/<int:pk>/pins/<int:pin_pk>/remove/", board_pins.pin_remove, name="pin_remove"),
    path("studio/boards/<int:pk>/pins/<int:pin_pk>/heading/", board_pins.pin_heading, name="pin_heading"),
    path("studio/boards/<int:pk>/pins/<int:pin_pk>/picture/", board_pins.pin_picture, name="pin_picture"),
    path("studio/boards/<int:pk>/sections/", board_pins.board_add_section, name="board_add_section"),
    path("studio/boards/<int:pk>/undo/", board_pins.board_undo, name="board_undo"),
    path(
        "studio/boards/<int:pk>/pins/<int:pin_pk>/hotspots/",
        board_hotspots.pin_hotspots,
        name="pin_hotspots",
    ),
    path(
        "studio/boards/<int:pk>/pins/<int:pin_pk>/hotspots/add/",
        board_hotspots.hotspot_add,
        name="hotspot_add",
    ),
    path(
        "studio/boards/<int:pk>/pins/<int:pin_pk>/hotspots/undo/",
        board_hotspots.hotspot_undo,
        name="hotspot_undo",
    ),
    path(
        "studio/boards/<int:pk>/pins/<int:pin_pk>/hotspots/<int:hotspot_pk>/change/",
        board_hotspots.hotspot_change,
        name="hotspot_change",
    ),
    path(
        "studio/boards/<int:pk>/pins/<int:pin_pk>/hotspots/<int:hotspot_pk>/move/",
        board_hotspots.hotspot_move,
        name="hotspot_move",
    ),
    path(
        "studio/boards/<int:pk>/pins/<int:pin_pk>/hotspots/<int:hotspot_pk>/remove/",
        board_hotspots.hotspot_remove,
        name="hotspot_remove",
    ),
    path("studio/boards/<int:pk>/people/", board_people.board_people, name="board_people"),
    path("studio/boards/<int:pk>/people/invite/", board_people.board_invite, name="board_invite"),
    path("studio/boards/<int:pk>/people/leave/", board_people.board_leave, name="board_leave"),
    path("studio/boards/<int:pk>/people/<int:user_pk>/role/", board_people.person_role, name="person_role"),
    path(
        "studio/boards/<int:pk>/people/<int:user_pk>/remove/",
        board_people.person_remove,
        name="person_remove",
    ),
    path(
        "studio/boards/<int:pk>/invitations/<int:invitation_pk>/revoke/",
        board_people.invitation_revoke,
        name="invitation_revoke",
    ),
    path("boards/invitation/<str:token>/", board_people.invitation, name="board_invitation"),
    path("boards/<int:pk>/remix/", boards.remix, name="remix"),
    path("save/", saves.save, name="save"),
    path("saved/<int:pk>/", saves.saved, name="saved"),
    path("saved/<int:pk>/undo/", saves.save_undo, name="save_undo"),
    path("@<str:handle>/<slug:slug>/", leads_on(or_named_link(boards.board)), name="board"),
    path("@<str:handle>/<path:rest>", leads_on(named_link), name="named_link"),
]
