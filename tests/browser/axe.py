"""axe-core's rules, asked in each of the ways in which a page is looked at."""

from pathlib import Path

from playwright.async_api import Page

# Both schemes, and from a desk to the narrowest phone.
_WAYS = (("light", 1280), ("dark", 360))
# Its second run of the rules needs no second load.
_LOOK = "axe.run(document, {resultTypes: ['violations']})"


class Axe:
    """Looks at pages; what it finds serious is collected in `found`."""

    def __init__(self, packages: Path) -> None:
        self._script = (packages / "node_modules" / "axe-core" / "axe.min.js").read_text()
        self.found: list[str] = []

    async def look(self, page: Page, what: str) -> None:
        """At a page as it is now, which `what` names."""
        # evaluate runs beside the page's policy, which would refuse a script that was added to the page.
        if not await page.evaluate("'axe' in window"):
            await page.evaluate(self._script)
        for scheme, width in _WAYS:
            await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            await page.set_viewport_size({"width": width, "height": 800})
            if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                self.found.append(f"{what}: wider than {width} pixels")
            for one in (await page.evaluate(_LOOK))["violations"]:
                if one["impact"] in ("serious", "critical"):
                    self.found.append(f"{what}, {scheme}: {one['id']}: {one['nodes'][0]['html']}")
