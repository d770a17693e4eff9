"""A report that stays at home: what Allure's HTML would ask other hosts for is taken out."""

import re

from oicp_conformance.reporting.render_error import RenderError

ANALYTICS = re.compile(
    r'\s*<script async src="https://www\.googletagmanager\.com/[^"]*"></script>'
    r"\s*<script>(?:(?!</script>).)*?gtag\((?:(?!</script>).)*?</script>",
    re.DOTALL,
)
# The browser's own lock on the door, for what we did not think of and for what a target may have
# sent, such as a picture in a text that Allure shows as Markdown.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' data: blob:; style-src 'unsafe-inline' data:; "
    "img-src data: blob:; font-src data:; media-src data: blob:; connect-src data: blob:; "
    "frame-src data: blob:; form-action 'none'"
)
# Allure scrolls to the first test when it opens, past the title and the summary: not before the reader
# has touched anything, or came with a link to one test.
STAY_ON_TOP = """
    <script>
      let touched = location.hash.length > 2;
      for (const event of ["pointerdown", "keydown", "wheel", "touchstart", "hashchange"]) {
        addEventListener(event, () => { touched = true; }, { capture: true, once: true, passive: true });
      }
      addEventListener("scroll", ({ target }) => {
        if (!touched) (target === document ? document.scrollingElement : target).scrollTop = 0;
      }, { capture: true });
    </script>"""
# Tags that make the browser load something before any script runs.
LOADS = re.compile(
    r"<(?:script|link|img|iframe)\b[^>]*?\b(?:src|href)\s*=\s*[\"']?(https?:)?//[^>]*>", re.IGNORECASE
)


def keep_at_home(html: str) -> str:
    """Take the analytics out and forbid the browser to load anything from elsewhere."""
    html, _ = ANALYTICS.subn("", html)
    before, head, after = html.partition("<head>")
    if not head:
        raise RenderError("this suite cannot clean Allure's HTML: it has no <head>")
    policy = f'\n    <meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    html = before + head + policy + STAY_ON_TOP + after
    if left := LOADS.search(html):
        raise RenderError(f"Allure's HTML would send a request to another host: {left[0][:100]}")
    return html
