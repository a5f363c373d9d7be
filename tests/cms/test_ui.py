"""The design system: its tags, its tokens, and the rules that hold over all its files."""

import io
import re
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.conf import settings
from django.core.cache import cache
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import Client, override_settings
from django.utils import timezone, translation
from PIL import Image

import advocates.enums
import payouts.enums
from cms.picture_presets import OF_PEOPLE, OF_PRODUCTS
from cms.tasks import (
    ask_for_avif,
    ask_for_missing_avif,
    ask_for_new_pictures,
    make_avif,
    make_renditions,
)
from cms.templatetags import ui
from community.list_pages import page_of
from community.models import Picture, PictureRendition, User
from community.pictures import store_picture
from community.profiles import create_profile
from tests.factories import make_user

ROOT = Path(settings.BASE_DIR)
CSS = ROOT / "static" / "css"
COMPONENTS = ROOT / "templates" / "components"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))

#: Foreground and background that meet on a page, and the contrast WCAG 2.2 AA asks of them
#: (1.4.3 text: 4.5; 1.4.11 edges of controls and marks: 3).
TEXT_PAIRS = [
    *(
        (text, paper)
        for text in ("ink", "ink-soft", "ink-quiet")
        for paper in ("paper", "paper-raised", "paper-sunk")
    ),
    *(
        (text, paper)
        for text in ("accent-deep", "moss", "bad", "warn")
        for paper in ("paper", "paper-raised")
    ),
    ("accent-deep", "accent-wash"),
    ("ink", "accent-wash"),
    ("moss", "moss-wash"),
    ("ink", "moss-wash"),
    ("warn", "warn-wash"),
    ("ink", "warn-wash"),
    ("bad", "bad-wash"),
    ("ink", "bad-wash"),
    ("ink-soft", "warn-wash"),
    ("on-accent", "accent"),
    ("on-accent", "accent-deep"),
    ("on-bad", "bad"),
    ("paper", "ink"),
    ("ink", "tone-1"),
]
EDGE_PAIRS = [
    *((edge, paper) for edge in ("line-strong", "accent", "focus") for paper in ("paper", "paper-sunk")),
    *((dot, "paper") for dot in ("moss", "warn", "accent", "bad", "ink-quiet")),
    *((f"share-{number}", "paper") for number in range(6)),
]


def tokens(*, dark: bool) -> dict[str, str]:
    light, _, rest = (CSS / "tokens.css").read_text().partition("@media (prefers-color-scheme: dark)")
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))
    return found | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", rest)) if dark else found


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def test_contrast_of_black_on_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("front", "back", "least"),
    [(*pair, 4.5) for pair in TEXT_PAIRS] + [(*pair, 3.0) for pair in EDGE_PAIRS],
    ids=str,
)
def test_tokens_have_the_contrast_that_wcag_asks(front, back, least, dark):
    colours = tokens(dark=dark)

    assert contrast(colours[front], colours[back]) >= least


def test_dark_scheme_gives_every_colour_of_its_own():
    light, dark = tokens(dark=False), tokens(dark=True)

    assert {name for name in light if light[name] == dark[name]} == {"scan"}


def test_only_tokens_carry_colours_and_font_sizes():
    allowed = {"tokens.css", "print.css"}
    wrong = [
        f"{file.name}: {line.strip()}"
        for file in CSS.rglob("*.css")
        if file.name not in allowed
        for line in file.read_text().splitlines()
        if re.search(r"#[0-9a-fA-F]{3,8}\b(?!\")|\brgba?\(|\bhsla?\(", line)
        or re.search(r"font-size: (?!var\(|inherit|0\.\d+em)", line)
    ]

    assert wrong == []


def test_stylesheets_use_only_tokens_that_exist():
    css = {file: file.read_text() for file in CSS.rglob("*.css")}
    defined = {name for text in css.values() for name in re.findall(r"(--[\w-]+):", text)}
    used = {name for text in css.values() for name in re.findall(r"var\((--[\w-]+)", text)}

    assert used - defined == set()


def test_main_stylesheet_imports_each_file_once():
    imported = re.findall(r'@import url\("([^"]+)"\) layer\(\w+\);', (CSS / "main.css").read_text())
    there = {str(file.relative_to(CSS)) for file in CSS.rglob("*.css")} - {"main.css"}

    assert sorted(imported) == sorted(there)


def test_states_have_a_tone_each():
    enums = [
        value
        for module in (advocates.enums, payouts.enums)
        for name, value in vars(module).items()
        if isinstance(value, type)
        and issubclass(value, Enum)
        and re.search("(State|Status|Outcome|Availability)$", name)
    ]
    styled = set(re.findall(r"\.state--(\w+)", (CSS / "components" / "state.css").read_text()))

    assert len(enums) > 10
    assert {member.value for enum in enums for member in enum} - styled == set()


# Icons ---------------------------------------------------------------------------------------------------------


def test_icon_without_label_is_hidden_from_a_screen_reader():
    assert ui.icon("heart") == (
        '<svg class="icon" aria-hidden="true" width="24" height="24">'
        '<use href="/static/icons.svg#heart"></use></svg>'
    )


def test_icon_with_label_has_an_escaped_name():
    drawn = ui.icon("x", label='"Close" & <go>', size="small")

    assert 'class="icon icon--small" role="img" aria-label="&quot;Close&quot; &amp; &lt;go&gt;"' in drawn
    assert "aria-hidden" not in drawn


def test_icons_that_templates_name_are_in_the_sprite():
    sprite = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static" / "icons.svg").read_text()))
    pattern = r"""(?:{% icon |\bicon=|_icon=|icon\|default:)"([\w-]+)\""""
    # A page in Wagtail's admin takes its icons from there.
    pages = [text for file in TEMPLATES if "wagtailadmin/" not in (text := file.read_text())]
    named = {name for text in pages for name in re.findall(pattern, text)}

    assert "circle-alert" in named
    assert named - sprite == set()


# Fonts ---------------------------------------------------------------------------------------------------------


def test_font_stylesheet_is_linked_where_npm_brought_the_fonts(tmp_path):
    for file in ("fonts/fonts.css", *ui.FONT_PRELOADS):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()

    with override_settings(STATICFILES_DIRS=[tmp_path]):
        drawn = ui.font_stylesheet()

    assert drawn.count('rel="preload"') == 2
    assert '<link rel="stylesheet" href="/static/fonts/fonts.css">' in drawn


def test_font_stylesheet_is_nothing_without_npm(tmp_path):
    with override_settings(STATICFILES_DIRS=[tmp_path]):
        assert ui.font_stylesheet() == ""
        assert ui.sortable_script_url() == ""


def test_font_stylesheet_names_only_files_of_its_package():
    named = re.findall(r'url\("\.\./npm/([^"]+)"\)', (ROOT / "cms" / "fonts" / "fonts.css").read_text())
    package = {"fraunces": "fraunces", "instrument-sans": "instrument-sans"}

    assert len(named) == 6
    assert all(
        re.fullmatch(
            rf"{package[path.split('/')[0]]}-latin(-ext)?-(opsz|wght)-(normal|italic)\.woff2",
            path.split("/")[1],
        )
        for path in named
    )


def test_lock_of_npm_names_no_host():
    lock = (ROOT / "package-lock.json").read_text()

    assert '"node_modules/sortablejs"' in lock
    assert '"resolved"' not in lock


# Amounts and rates ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate_bps", "english", "dutch"),
    [
        (750, "7.5%", "7,5%"),
        (1000, "10%", "10%"),
        (1, "0.01%", "0,01%"),
        (-25, "−0.25%", "−0,25%"),
        (0, "0%", "0%"),
    ],
)
def test_bps_reads_as_a_percentage(rate_bps, english, dutch):
    with translation.override("en"):
        assert ui.bps(rate_bps) == english
    with translation.override("nl"):
        assert ui.bps(rate_bps) == dutch


def test_bps_of_nothing_is_nothing():
    assert ui.bps(None) == ""


def test_money_is_written_in_the_readers_language():
    template = Template("{% load ui %}{{ amount|money:currency }}")
    with translation.override("nl"):
        assert (
            template.render(Context({"amount": 123456, "currency": "EUR"})).replace("\xa0", " ")
            == "€ 1.234,56"
        )
    with translation.override("en"):
        assert template.render(Context({"amount": 123456, "currency": "EUR"})) == "€1,234.56"


def test_money_of_no_amount_is_nothing():
    assert ui.money(None, "EUR") == ""


# Pictures and masonry ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("width", "height", "rows"),
    [(1000, 1000, 18), (900, 1200, 22), (1600, 900, 13), (100, 900, 26), (9000, 100, 13), (None, None, 18)],
)
def test_masonry_rows_follow_the_proportions_within_limits(width, height, rows):
    assert ui.masonry_rows(width, height) == rows


def test_masonry_span_has_a_class_for_each_number_it_can_give():
    styled = {
        int(number)
        for number in re.findall(r"\.span-(\d+) ", (CSS / "components" / "masonry.css").read_text())
    }
    given = {
        ui.masonry_rows(100, height, caption_rows=caption)
        for height in range(1, 400)
        for caption in range(15)
    }

    assert given <= styled


@pytest.mark.parametrize(
    ("colour", "tone"),
    [("#808080", 0), ("#c07030", 1), ("#4a6d3a", 2), ("#b03040", 3), ("#3f5c8b", 4), ("#d0b040", 5)],
)
def test_tone_of_a_colour_is_the_nearest_quiet_one(colour, tone):
    assert ui.tone_of(colour) == tone


def test_picture_without_image_draws_a_quiet_surface():
    html = Template('{% load ui %}{% picture nothing "card" %}').render(Context({"nothing": None}))

    assert html.strip() == '<span class="picture picture--none picture--tone-0"></span>'


@pytest.fixture
def table(db):
    file = io.BytesIO()
    Image.new("RGB", (900, 600), "#c07030").save(file, "JPEG")
    file.seek(0)
    return store_picture(file=file, title="IMG_2041", uploaded_by=None, alt_text="A table in the sun")


def test_picture_comes_in_several_widths_with_its_size_known(table):
    drawn = ui.picture(table, "card")

    assert (drawn["width"], drawn["height"]) == (720, 480)
    assert drawn["src"].endswith(".jpg")
    [webp] = drawn["sources"]
    assert webp["type"] == "image/webp"
    assert re.fullmatch(r"\S+\.webp 360w, \S+\.webp 720w", webp["srcset"])
    assert drawn["tone"] == 1


def test_picture_is_never_made_larger_than_it_is(table):
    assert re.findall(r" (\d+)w", ui.picture(table, "wide")["sources"][0]["srcset"]) == ["640", "900"]


@pytest.mark.parametrize(
    ("given", "drawn"), [(None, "A table in the sun"), ("Eight chairs", "Eight chairs"), ("", "")]
)
def test_picture_is_described_by_its_words_and_not_by_its_file_name(table, given, drawn):
    assert ui.picture(table, "card", alt=given)["alt"] == drawn


def test_picture_whose_renditions_were_fetched_asks_the_database_nothing(table, django_assert_num_queries):
    ui.picture(table, "card")
    again = Picture.objects.prefetch_related("renditions").get(pk=table.pk)

    with django_assert_num_queries(0):
        ui.picture(again, "card")


def test_picture_whose_renditions_were_not_fetched_asks_once(table, django_assert_num_queries):
    ui.picture(table, "card")
    again = Picture.objects.get(pk=table.pk)

    with django_assert_num_queries(1):
        ui.picture(again, "card")


def test_avif_is_left_to_a_worker_and_used_when_it_is_there(table, settings):
    assert [source["type"] for source in ui.picture(table, "card")["sources"]] == ["image/webp"]
    assert not table.renditions.filter(filter_spec__endswith="avif").exists()

    asked = ask_for_missing_avif()  # the tests' tasks run at once
    again = Picture.objects.get(pk=table.pk)
    avif, webp = ui.picture(again, "card")["sources"]

    assert asked == 1
    assert (avif["type"], webp["type"]) == ("image/avif", "image/webp")
    assert re.fullmatch(r"\S+\.avif 360w, \S+\.avif 720w", avif["srcset"])
    assert ask_for_missing_avif() == 0


def test_page_that_shows_a_picture_first_asks_for_its_avif(table, settings):
    settings.PICTURES_AS_AVIF = True

    ui.picture(table, "card")
    specs = set(table.renditions.values_list("filter_spec", flat=True))

    assert specs == {
        "width-360|format-webp",
        "width-720|format-webp",
        "width-720|format-jpeg",
        "width-360|format-avif",
        "width-720|format-avif",
    }


@pytest.mark.parametrize(("uploader", "presets"), [("Ada Vermeer", OF_PEOPLE), (None, OF_PRODUCTS)])
def test_new_picture_is_there_in_every_size_before_a_page_shows_it(table, uploader, presets):
    table.uploaded_by_user = make_user(uploader) if uploader else None
    table.save()

    asked = ask_for_new_pictures(at=timezone.now())  # the tests' tasks run at once
    made = set(table.renditions.values_list("filter_spec", flat=True))
    for preset in presets:
        ui.picture(Picture.objects.get(pk=table.pk), preset)

    assert asked == 1
    assert set(table.renditions.values_list("filter_spec", flat=True)) == made
    assert ask_for_new_pictures(at=timezone.now()) == 0


def test_picture_is_asked_for_once_while_a_worker_may_be_at_it(table, settings):
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend"}}

    assert ask_for_new_pictures(at=timezone.now()) == 1
    assert ask_for_new_pictures(at=timezone.now()) == 0
    assert ask_for_new_pictures(at=timezone.now() + timedelta(days=2)) == 0
    cache.clear()
    assert ask_for_new_pictures(at=timezone.now()) == 1


def test_renditions_of_a_picture_that_is_gone_are_no_trouble(db):
    make_renditions.enqueue(picture_id=4_000_000)

    assert PictureRendition.objects.count() == 0


def test_avif_of_a_picture_that_is_gone_is_no_trouble(db):
    make_avif.enqueue(picture_id=4_000_000, specs=["width-360|format-avif"])

    assert PictureRendition.objects.count() == 0


def test_small_pictures_come_in_one_format(table, settings):
    settings.PICTURES_AS_AVIF = True

    drawn = ui.picture(table, "thumb")

    assert drawn["sources"] == []
    assert re.fullmatch(r"\S+\.webp 96w, \S+\.webp 192w", drawn["srcset"])
    assert ask_for_missing_avif() == 0


def test_picture_is_drawn_with_the_best_format_first(table):
    ask_for_avif(table, ["width-360|format-avif", "width-720|format-avif"])
    make_avif.enqueue(picture_id=table.pk, specs=["width-360|format-avif", "width-720|format-avif"])

    html = Template('{% load ui %}{% picture table "card" eager=True %}').render(Context({"table": table}))

    assert re.findall(r'<source type="([^"]+)"', html) == ["image/avif", "image/webp"]
    assert html.index("image/avif") < html.index("image/webp") < html.index("<img")
    assert re.search(r'<img [^>]*width="720" height="480"[^>]* fetchpriority="high"', html)
    assert "loading=" not in html


# Fields --------------------------------------------------------------------------------------------------------


class ProgrammeForm(forms.Form):
    name = forms.CharField(help_text="As people know it.")
    note = forms.CharField(required=False)
    wins = forms.ChoiceField(choices=[("code", "The code"), ("link", "The link")], widget=forms.RadioSelect)
    agree = forms.BooleanField(label="I agree")
    hidden = forms.CharField(widget=forms.HiddenInput, required=False)


def draw(form, field):
    return Template("{% load ui %}{% field field %}").render(Context({"field": form[field]}))


def test_field_ties_help_and_errors_to_its_input():
    html = draw(ProgrammeForm({}), "name")

    described = re.search(r'aria-describedby="([^"]+)"', html).group(1).split()
    assert described == ["id_name_helptext", "id_name_error"]
    assert [html.count(f'id="{name}"') for name in described] == [1, 1]
    assert 'aria-invalid="true"' in html
    assert '<label class="field__label" for="id_name">Name</label>' in html


def test_field_says_when_it_is_optional():
    with translation.override("en"):
        assert '<span class="field__optional">optional</span>' in draw(ProgrammeForm(), "note")
        assert "field__optional" not in draw(ProgrammeForm(), "name")


def test_field_with_several_inputs_is_a_group_with_a_legend():
    html = draw(ProgrammeForm(), "wins")

    assert html.count("<fieldset") == html.count("</fieldset>") == 1
    assert '<legend class="field__label">Wins</legend>' in html


def test_field_with_a_tick_has_its_label_behind_it():
    html = draw(ProgrammeForm(), "agree")

    assert html.index('type="checkbox"') < html.index("I agree")


def test_field_that_is_hidden_is_only_its_input():
    assert draw(ProgrammeForm(), "hidden").strip() == '<input type="hidden" name="hidden" id="id_hidden">'


def test_form_errors_point_at_their_fields():
    html = render_to_string("components/form-errors.html", {"form": ProgrammeForm({})})

    assert re.findall(r'href="#([\w-]+)"', html) == ["id_name", "id_wins", "id_agree"]


# Components ----------------------------------------------------------------------------------------------------


def test_sharebar_slices_lie_end_to_end():
    shares = [
        {"label": "Ada", "bps": 4000, "amount": "€ 1.68"},
        SimpleNamespace(label="Bob", bps=6000, amount=None),
    ]

    html = Template("{% load ui %}{% sharebar shares %}").render(Context({"shares": shares}))

    assert re.findall(r' x="(\d+)" y="0" width="(\d+)"', html) == [("0", "4000"), ("4000", "6000")]
    assert 'viewBox="0 0 10000 100"' in html


def test_disclosure_stands_in_words_before_the_link_to_the_shop():
    html = render_to_string(
        "components/product-card.html",
        {
            "title": "Bench",
            "buy_url": "/go/x/",
            "disclosure": "Advertisement: Ada earns",
            "amount_minor": 100,
            "currency": "EUR",
        },
    )

    assert html.index("Advertisement: Ada earns") < html.index(
        'href="/go/x/" rel="sponsored nofollow noopener"'
    )


def test_price_that_is_not_known_says_so():
    with translation.override("en"):
        html = render_to_string("components/price.html", {"amount_minor": None, "currency": "EUR"})

    assert "Price unknown" in html


def test_load_more_on_the_last_piece_says_that_the_list_ends():
    with translation.override("en"):
        html = render_to_string(
            "components/load-more.html", {"page": page_of([1, 2, 3], number="2", per_page=2)}
        )

    assert "That was everything." in html
    assert "<a " not in html


def test_load_more_leads_to_the_next_piece_without_script_too():
    page = page_of([1, 2, 3], number="1", per_page=2)

    html = render_to_string("components/load-more.html", {"page": page, "list": "cards", "query": "q=kop&"})

    assert 'href="?q=kop&amp;page=2" hx-get="?q=kop&amp;page=2" hx-select="#cards > *"' in html


def test_components_declare_their_props_and_are_documented():
    documented = (ROOT / "docs" / "components.md").read_text()
    names = {file.stem for file in COMPONENTS.glob("*.html")}

    assert {name for name in names if f"`{name}`" not in documented} == set()
    assert {
        file.stem for file in COMPONENTS.glob("*.html") if not file.read_text().startswith("{% comment %}\n")
    } == set()


def test_templates_have_no_inline_style_or_script():
    # Mail has no stylesheet: its readers know nothing else than style="".
    wrong = [
        str(file.relative_to(ROOT))
        for file in TEMPLATES
        if "emails" not in file.parts
        and re.search(
            r"\sstyle=|<style|\son\w+=\"|<script(?![^>]*(\bsrc=|application/(ld\+)?json))|hx-on",
            file.read_text(),
        )
    ]

    assert wrong == []


def test_scripts_are_small_and_import_nothing_by_a_relative_address():
    for file in (ROOT / "static" / "js").glob("*.js"):
        text = file.read_text()

        assert len(text.splitlines()) < 60, file.name
        assert not re.search(r"""(from|import)\s*\(?["']\.""", text), file.name
        assert "innerHTML" not in text, file.name


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"])
def test_error_pages_render_without_a_request(name):
    with translation.override("en"):
        html = render_to_string(name)

    assert html.count("<h1") == 1
    assert '<main class="main" id="content"' in html
    assert '<html lang="en">' in html


def test_form_that_lay_open_too_long_is_refused_in_the_words_of_the_site(db):
    page = Client(enforce_csrf_checks=True).post("/en/account/login/", {"login": "ada@example.com"})

    assert page.status_code == 403
    assert re.findall("<h1[^>]*>([^<]*)<", page.content.decode()) == ["This form was not sent"]


# Pages of the base ---------------------------------------------------------------------------------------------


@pytest.fixture
def ada(db):
    user = User.objects.create_user(email="ada@example.com", name="Ada Vermeer")
    create_profile(user=user, at=datetime(2026, 11, 16, tzinfo=UTC))
    return user


def test_login_page_asks_for_an_address_and_offers_a_passkey(client, db):
    html = client.get("/en/account/login/").text

    assert html.count('type="email"') == 1
    assert 'type="password"' not in html
    assert 'form="mfa_login"' in html
    assert '<form id="mfa_login"' in html


def test_sign_up_without_a_name_says_so_at_the_field(client, db):
    html = client.post("/en/account/signup/", {"email": "bob@example.com", "name": ""}).text

    assert '<ul class="field__errors" id="id_name_error"><li>This field is required.</li></ul>' in html
    assert not User.objects.filter(email="bob@example.com").exists()


def test_header_offers_log_in_to_a_stranger_and_the_account_to_who_is_in(client, ada):
    stranger = client.get("/en/account/login/").text
    client.force_login(ada)
    own = client.get("/en/account/email/").text

    assert ('class="header__login"' in stranger, 'class="menu__name"' in stranger) == (True, False)
    assert ('class="header__login"' in own, '<p class="menu__name">Ada Vermeer</p>' in own) == (False, True)
    assert 'href="/en/@ada' in own


def test_header_shows_the_editing_only_to_staff(client, ada):
    client.force_login(ada)
    before = client.get("/en/account/email/").text
    User.objects.filter(pk=ada.pk).update(is_staff=True)
    after = client.get("/en/account/email/").text

    assert ('href="/admin/"' in before, 'href="/admin/"' in after) == (False, True)


def test_language_switch_leads_to_the_same_page(client, db):
    pattern = r'href="([^"]+)" hreflang="(\w+)" lang="\w+"( aria-current="true")?'
    english = re.findall(pattern, client.get("/en/account/login/?next=/x/").text)
    dutch = re.findall(pattern, client.get("/account/login/").text)

    assert english == [
        ("/account/login/?next=/x/", "nl", ""),
        ("/en/account/login/?next=/x/", "en", ' aria-current="true"'),
    ]
    assert dutch == [("/account/login/", "nl", ' aria-current="true"'), ("/en/account/login/", "en", "")]


def test_page_that_is_not_there_is_one_of_ours(client, db):
    answer = client.get("/en/not/here/")

    assert answer.status_code == 404
    assert '<h1 class="error-page__title">This page is not here</h1>' in answer.text


@pytest.mark.parametrize(
    ("weight", "of", "text"),
    [
        (1, 1, "1 of 1"),
        (1_000_000_000, 1_000_000_000, "1 of 1"),
        (4000, 10_000, "2 of 5"),
        (334_115, 1_000_000, "33.41%"),
        (0, 5, "0 of 1"),
        (0, 0, ""),
    ],
)
def test_part_is_a_plain_fraction_or_a_percentage(weight, of, text):
    with translation.override("en"):
        assert ui.part(weight, of) == text
