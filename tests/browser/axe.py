"""axe-core, the judge of what a page is to people who do not see it or use no mouse."""

from typing import Any

from playwright.sync_api import Page

from tests.browser.npm import AXE, package


def complaints_of(page: Page) -> list[str]:
    """Run axe over a page; give what it complains of, one line for each place."""
    page.add_script_tag(path=package(AXE) / "axe.min.js")
    violations: list[dict[str, Any]] = page.evaluate(
        """async () => {
            const kinds = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
            const found = await axe.run(document, { runOnly: kinds });
            return found.violations;
        }"""
    )
    return [
        f"{each['id']} ({each['impact']}): {node['target']}: {node['failureSummary']}"
        for each in violations
        for node in each["nodes"]
    ]
