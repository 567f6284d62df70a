"""axe-core, the judge of what a page is to people who do not see it or use no mouse."""

from typing import Any

from playwright.sync_api import Page

from tests.browser.npm import AXE, package

#: What axe is to look at. In other colors nothing but contrast can differ.
EVERYTHING = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CONTRAST = ["color-contrast"]


def complaints_of(page: Page, kinds: list[str] = EVERYTHING) -> list[str]:
    """Run axe over a page; give what it complains of, one line for each place."""
    page.add_script_tag(path=package(AXE) / "axe.min.js")
    violations: list[dict[str, Any]] = page.evaluate(
        """async (kinds) => {
            const found = await axe.run(document, { runOnly: kinds });
            return found.violations;
        }""",
        kinds,
    )
    return [
        f"{each['id']} ({each['impact']}): {node['target']}: {node['failureSummary']}"
        for each in violations
        for node in each["nodes"]
    ]
