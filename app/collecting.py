"""The search for cycles of objects in a process that serves: while it looks, its event loop stands still."""

import gc

# Objects that were made before the young ones are looked at; and after how many times that the older ones are.
_YOUNG_OBJECTS, _OLDER, _OLDEST = 50_000, 20, 100


def collect_seldom() -> None:
    """Leaves what is there by now out of every search to come, and has the rest looked at seldom.

    To be called when the process is about to serve: what its imports have made is hundreds of thousands of objects,
    which stay, and take some 60 ms each time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, _OLDER, _OLDEST)
