"""The demo's pictures: everything can be drawn, twice the same, in the size asked for."""

import random

import pytest
from PIL import Image, ImageChops, ImageStat

from cms.demo.content import (
    BOARDS,
    PEOPLE,
    POSTS,
    PRODUCTS,
    SHOP_BY_SLUG,
    SHOPS,
    THEMES,
    products_named,
    products_of,
)
from cms.demo.pictures import (
    RATIOS,
    draw_portrait,
    draw_product,
    draw_scene,
    draw_shop,
    draw_spec,
    product_size,
    size_of,
)
from cms.demo.pictures.colour import SCHEMES, paint, ramp, shade
from cms.demo.pictures.model import pick
from cms.demo.pictures.shape import Shape, Thing, box, leaf, smooth, stroke
from cms.demo.pictures.stage import Stage
from cms.demo.pictures.texture import MAKERS, TILE, patch, tile

SMALL = 96


def schemes_of(products):
    return SHOP_BY_SLUG[products[0].shop].schemes


def specs():
    yield from (theme.picture for theme in THEMES)
    yield from (pin.photo for board in BOARDS for pin in board.pins if pin.photo)
    for post in POSTS:
        yield post.cover
        yield from (block.picture for block in post.body if block.picture)


def is_a_picture(image, size):
    """Of that size, in colour, and not one flat tone."""
    assert (image.mode, image.size) == ("RGB", size)
    assert max(ImageStat.Stat(image).stddev) > 8
    return True


@pytest.mark.parametrize("shop", SHOPS, ids=[shop.slug for shop in SHOPS])
def test_every_product_can_be_drawn(shop):
    seen = set()
    for product in products_of(shop):
        size = product_size(product, longest=SMALL)
        image = draw_product(product, size=size, schemes=shop.schemes)
        assert is_a_picture(image, size)
        seen.add(image.tobytes())

    assert len(seen) == 50


def test_every_picture_of_a_board_a_post_or_a_theme_can_be_drawn():
    for spec in specs():
        products = products_named(spec.products)
        scene = draw_spec(spec, products, schemes=schemes_of(products), longest=SMALL)
        assert is_a_picture(scene.image, size_of(spec.shape, longest=SMALL))
        assert set(scene.places) <= set(range(len(products)))
        assert all(0 < x < 10_000 and 0 < y < 10_000 for x, y in scene.places.values())


def test_every_person_can_be_drawn():
    faces = {draw_portrait(person, size=(SMALL, SMALL)).tobytes() for person in PEOPLE}

    assert len(faces) == len(PEOPLE)


@pytest.mark.parametrize("shop", SHOPS, ids=[shop.slug for shop in SHOPS])
def test_every_shop_can_be_drawn(shop):
    image = draw_shop(shop, products_of(shop)[::4], size=(200, 150))

    assert is_a_picture(image, (200, 150))


def test_same_product_gives_the_same_picture():
    one, other = (
        draw_product(PRODUCTS[7], size=(120, 150), schemes=SHOPS[0].schemes).tobytes() for _ in range(2)
    )

    assert one == other


def test_another_seed_gives_another_scene():
    products = PRODUCTS[:3]
    one, other = (draw_scene(seed, products, size=(120, 90), schemes=SHOPS[0].schemes) for seed in "ab")

    assert one.image.tobytes() != other.image.tobytes()


def test_scene_says_where_its_products_stand():
    scene = draw_scene("table", PRODUCTS[:2], size=(300, 300), schemes=SHOPS[0].schemes, mood="table")

    assert set(scene.places) == {0, 1}
    assert scene.places[0] != scene.places[1]


def test_scene_can_be_drawn_without_products():
    scene = draw_scene("empty", (), size=(90, 120), schemes=SHOPS[0].schemes)

    assert is_a_picture(scene.image, (90, 120))
    assert scene.places == {}


@pytest.mark.parametrize("shape", RATIOS)
def test_size_keeps_its_longest_side(shape):
    width, height = size_of(shape, longest=1000)

    assert max(width, height) == 1000
    assert width / height == pytest.approx(RATIOS[shape], rel=0.01)


def test_product_sizes_vary():
    sizes = {product_size(product) for product in PRODUCTS}

    assert sizes == {(800, 1000), (1000, 1000), (667, 1000), (1000, 750)}


# -- pieces -----------------------------------------------------------------------------------------------------


def test_shade_is_the_ramp_at_one_tone():
    colour = paint("clay")
    table = ramp(colour)

    assert [shade(colour, tone) for tone in (0, 90, 128, 255)] == [
        (table[tone], table[256 + tone], table[512 + tone]) for tone in (0, 90, 128, 255)
    ]


@pytest.mark.parametrize("name", ["clay", "paper", "ink", "moss"])
def test_ramp_goes_from_shade_through_the_paint_to_light(name):
    low, middle, high = (sum(shade(paint(name), tone)) for tone in (0, 128, 255))

    assert low < sum(paint(name)) - 20
    assert middle == pytest.approx(sum(paint(name)), abs=6)
    assert high > low


def test_paint_mixes_two_names():
    assert paint("ink+paper") == (145, 139, 130)


@pytest.mark.parametrize("name", MAKERS)
def test_tiles_are_the_same_each_time_and_lie_around_the_middle(name):
    first = tile(name).tobytes()
    tile.cache_clear()

    assert tile(name).tobytes() == first
    assert ImageStat.Stat(tile(name)).mean[0] == pytest.approx(128, abs=12)


def test_patch_can_be_larger_than_its_tile():
    assert patch("grain", (TILE + 300, 40), random.Random(1)).size == (TILE + 300, 40)


def test_stroke_is_as_wide_as_asked():
    xs = [x for x, _ in stroke([(0, 0), (0, 10)], 4)]

    assert (min(xs), max(xs)) == (-2, 2)


def test_leaf_begins_and_ends_where_asked():
    whole, upper, rib = leaf((0, 0), (10, 0), 0.5)

    assert (rib[0], rib[-1]) == ((0, 0), (10, 0))
    assert max(y for _, y in whole) == pytest.approx(2.5, rel=0.02)
    assert min(y for _, y in upper) >= 0


def test_smooth_passes_through_its_points():
    points = [(0, 0), (3, 4), (6, 0)]

    assert [smooth(points, 5)[i] for i in (0, 5, 10)] == points


def test_turn_moves_scales_and_mirrors():
    thing = Thing([Shape([[(1, 2)]], paint("ink"))], width=4, height=6, foot=1, feet=(-1, 1))

    moved = thing.moved(x=10, y=20, scale=2, mirror=True)

    assert moved.shapes[0].outlines == [[(8, 24)]]
    assert (moved.width, moved.height, moved.foot, moved.feet) == (8, 12, 2, (-2, 2))


def test_pick_takes_each_name_as_often_as_its_part():
    rng = random.Random(3)
    taken = [pick(rng, ("one", 0.25), ("two", 0.5)) for _ in range(4000)]

    assert [taken.count(name) for name in ("one", "two", "")] == pytest.approx([1000, 2000, 1000], abs=90)


def stage():
    return Stage((100, 100), rng=random.Random(1), scheme=SCHEMES["plaster"], side=-1)


def test_shadow_falls_away_from_the_light():
    picture = stage()
    picture.fill((0, 0, 100, 100), paint("paper"), 128)
    before = picture.image.copy()
    post = Thing([Shape([box(-2, 0, 2, 30)], paint("ink"), opacity=0)], width=4, height=30, foot=2)

    picture.put(post, 50, 80, 1)
    picture.settle()

    darker = ImageChops.difference(before, picture.image).convert("L")
    left, right = darker.crop((0, 0, 46, 100)), darker.crop((54, 0, 100, 100))
    assert ImageStat.Stat(right).sum[0] > 4 * ImageStat.Stat(left).sum[0]


def test_shape_partly_outside_the_picture_is_cut():
    picture = stage()
    picture.put(
        Thing([Shape([box(-80, -80, 10, 10)], (0, 0, 0), Image.new("L", (4, 4), 0))]), 0, 99, 1, shade=0
    )

    picture.settle()

    assert picture.image.getpixel((2, 97)) == shade((0, 0, 0), 0)
    assert picture.image.getpixel((60, 20)) == paint("bone")
