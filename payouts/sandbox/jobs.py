"""What will happen later: a debit that settles, a session that expires, a payout that arrives."""

from payouts.sandbox.errors import Row
from payouts.sandbox.world import World

KIND = "_job"


def plan(world: World, *, at: int, verb: str, target: str) -> Row:
    """Plan `verb` (a name in `World.jobs`) on the object `target` at the moment `at`."""
    return world.state.add(
        {"id": world.state.new_id("job"), "object": KIND, "at": at, "verb": verb, "target": target}
    )


def cancel(world: World, *, target: str) -> None:
    """Forget what was planned for an object."""
    for job in [job for job in world.state.all(KIND) if job["target"] == target]:
        world.state.remove(job)


def run_due(world: World, *, until: int | None = None) -> int:
    """Run what is due, in order of time, each at the moment it was planned for. Returns how many ran."""
    limit = world.now if until is None else until
    ran = 0
    while due := [job for job in world.state.all(KIND) if job["at"] <= limit]:
        moment = min(job["at"] for job in due)
        for job in due:
            # One job may cancel another of the same moment.
            if job["at"] == moment and world.state.get(job["id"]) is not None:
                _run(world, job)
                ran += 1
    return ran


def _run(world: World, job: Row) -> None:
    world.state.remove(job)
    target = world.state.get(job["target"])
    if target is not None:
        with world.clock.pinned(job["at"]):
            world.jobs[job["verb"]](world, target)


def advance(world: World, *, seconds: int) -> int:
    """Move the clock forward and let everything that falls in between happen. Returns how many jobs ran."""
    ran = run_due(world, until=world.now + seconds)
    world.clock.jump(seconds)
    world.state.update(world.state.meta, ahead_seconds=world.clock.ahead_seconds)
    return ran
