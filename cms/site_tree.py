"""The first pages, the moderators and their workflow: what an installation starts with."""

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from wagtail.models import (
    GroupApprovalTask,
    GroupPagePermission,
    Page,
    Site,
    Workflow,
    WorkflowPage,
    WorkflowTask,
)

from cms.models import HomePage, PostIndexPage, StandardPage, ThemeIndexPage, ThemePage
from cms.review_method import method_pages
from community.models import Theme
from community.reviews import METHOD_SLUGS

MODERATORS = "Moderators"
#: Who sees to money under way: runs, differences, alarms.
BOOKKEEPERS = "Bookkeepers"
_WORKFLOW = "Verhalen nalezen"
_PAGE_PERMISSIONS = ("add_page", "change_page", "publish_page")

_HOW_WE_SORT = (
    "<p>Lijsten staan op tijd: het nieuwste eerst. Ook je leeslijst. "
    "Wat een winkel aan commissie betaalt, speelt nergens een rol.</p>"
    "<p>Zoeken zet bovenaan wat het best bij je woorden past: een woord in de titel telt het meest, dan het merk, "
    "dan de soort, dan de omschrijving. Een deel van een samenstelling (‘kop’ in ‘theekop’) telt minder dan het "
    "hele woord. Vinden we niets, dan zoeken we op het woord dat er het dichtst bij ligt, en zeggen we dat.</p>"
    "<p>Borden ‘die hierop lijken’ delen er producten mee, en anders thema’s. ‘Mensen om te volgen’ publiceerden het "
    "laatst, eerst over de thema’s die je volgt. ‘Verras me’ is echt toeval.</p>"
    "<p><i>Lists are in order of time, newest first. So is your feed. "
    "What a shop pays in commission never plays a part.</i></p>"
    "<p><i>Search puts on top what fits your words best: a word in the title counts most, then the brand, then the "
    "kind, then the description. A part of a compound (‘kop’ in ‘theekop’) counts less than the whole word. When we "
    "find nothing we search for the nearest word, and say so.</i></p>"
    "<p><i>Boards ‘like this’ share products with it, or else themes. ‘People to follow’ published last, first on "
    "the themes you follow. ‘Surprise me’ is chance, nothing else.</i></p>"
)


@transaction.atomic
def plant_site(*, hostname: str, port: int) -> HomePage:
    """Make what is missing of the site's own pages and roles; run again it changes nothing but the host."""
    home = HomePage.objects.first() or _plant_home()
    site, _made = Site.objects.update_or_create(
        is_default_site=True,
        defaults={"hostname": hostname, "port": port, "root_page": home, "site_name": "Voorspraak"},
    )
    del site
    posts = PostIndexPage.objects.first() or home.add_child(
        instance=PostIndexPage(title="Verhalen", slug="stories")
    )
    if not ThemeIndexPage.objects.exists():
        home.add_child(instance=ThemeIndexPage(title="Thema’s", slug="themes"))
    if not StandardPage.objects.filter(slug="how-we-sort").exists():
        home.add_child(
            instance=StandardPage(title="Hoe we sorteren", slug="how-we-sort", body=[("text", _HOW_WE_SORT)])
        )
    _plant_review_method(home)
    _plant_moderation(posts)
    _plant_bookkeeping()
    return home


def plant_theme_pages() -> None:
    """A page for each theme that has none yet."""
    index = ThemeIndexPage.objects.get()
    with_page = set(ThemePage.objects.values_list("theme_id", flat=True))
    for theme in Theme.objects.exclude(pk__in=with_page):
        index.add_child(
            instance=ThemePage(title=theme.name_nl, slug=theme.slug, theme=theme, intro=theme.line_nl)
        )


def _plant_home() -> HomePage:
    root = Page.get_first_root_node()
    # Wagtail's own welcome page makes way.
    for page in root.get_children():
        page.delete()
    root.refresh_from_db()
    home: HomePage = root.add_child(instance=HomePage(title="Voorspraak", slug="home"))
    return home


def _plant_review_method(home: HomePage) -> None:
    """How reviews work, a page per language: `community:review_method` leads to it."""
    pages = method_pages()
    for language, slug in METHOD_SLUGS.items():
        if StandardPage.objects.filter(slug=slug).exists():
            continue
        text = pages[language]
        body = [
            (kind, value)
            for heading, words in text.parts
            for kind, value in (("heading", heading), ("text", words))
        ]
        home.add_child(instance=StandardPage(title=text.title, slug=slug, intro=text.intro, body=body))


def _plant_moderation(posts: PostIndexPage) -> None:
    group, _made = Group.objects.get_or_create(name=MODERATORS)
    for codename in _PAGE_PERMISSIONS:
        permission = Permission.objects.get(content_type__app_label="wagtailcore", codename=codename)
        GroupPagePermission.objects.get_or_create(group=group, page=posts, permission=permission)
    group.permissions.add(
        Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin"),
        Permission.objects.get(content_type__app_label="community", codename="change_review"),
        Permission.objects.get(content_type__app_label="advocates", codename="change_claim"),
        Permission.objects.get(content_type__app_label="advocates", codename="view_fraudfinding"),
        Permission.objects.get(content_type__app_label="payouts", codename="add_appealdecision"),
    )
    workflow, made = Workflow.objects.get_or_create(name=_WORKFLOW)
    if made:
        task = GroupApprovalTask.objects.create(name="Nalezen door een moderator")
        task.groups.add(group)
        WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    WorkflowPage.objects.get_or_create(page=posts, defaults={"workflow": workflow})


def _plant_bookkeeping() -> None:
    group, _made = Group.objects.get_or_create(name=BOOKKEEPERS)
    group.permissions.add(
        Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin"),
        *Permission.objects.filter(
            content_type__app_label="payouts", codename__in=["view_settlementrun", "change_settlementrun"]
        ),
    )
