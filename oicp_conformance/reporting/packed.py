"""A report packed: Allure's program and its data compressed, and unpacked by the browser that opens the file.

Allure writes both in Base64. Requests, responses and pages are much alike: compressed, they take an eighth.
"""

import base64
import gzip
import json
import re

from oicp_conformance.reporting.render_error import RenderError

PROGRAM = "program.js"
"""The name of Allure's program among what is packed; Allure's own names have a folder."""
_PROGRAM = re.compile(r'<script\s+src="data:text/javascript;base64,([A-Za-z0-9+/=]+)"\s*></script>')
_DATA = re.compile(r'<script defer>\s*Promise\.allSettled\(\[(d\("[^<]*)\]\)[^<]*</script>')
_PART = re.compile(r'd\("([^"]+)","([A-Za-z0-9+/=]*)"\)')
# The fonts are there as WOFF 2 too, which every browser knows that can unpack the report.
_OLD_FONTS = re.compile(rb"data:font/woff;base64,[A-Za-z0-9+/=]+")
_UNPACK = """\
<script type="application/gzip" id="packed">%s</script>
    <script>
      (async () => {
        const packed = document.getElementById("packed");
        const stored = await fetch("data:application/gzip;base64," + packed.textContent);
        packed.remove();
        const plain = stored.body.pipeThrough(new DecompressionStream("gzip"));
        const bytes = new Uint8Array(await new Response(plain).arrayBuffer());
        const base64 = (part) => {
          let text = "";
          for (let at = 0; at < part.length; at += 32768) {
            text += String.fromCharCode(...part.subarray(at, at + 32768));
          }
          return btoa(text);
        };
        let at = bytes.indexOf(10) + 1;
        const index = JSON.parse(new TextDecoder().decode(bytes.subarray(0, at)));
        const parts = index.map(([name, length]) => [name, bytes.subarray(at, (at += length))]);
        for (const [name, part] of parts.slice(1)) {
          Object.defineProperty(window.allureReportData, name, { get: () => base64(part) });
        }
        window.allureReportDataReady = true;
        const program = document.createElement("script");
        program.textContent = new TextDecoder().decode(parts[0][1]);
        document.body.append(program);
      })().catch((error) => {
        document.getElementById("allure-app-loader")?.remove();
        document.getElementById("app").textContent =
          `This browser cannot unpack the report (${error}). Open it in a browser of 2023 or later, `
          + "or open conformance.html in the same folder, which any browser shows.";
      });
    </script>
    <noscript>
      <style>#allure-app-loader { display: none; }</style>
      This report needs JavaScript, which this browser or server does not run. Open it in another browser,
      or open conformance.html in the same folder, which needs no JavaScript.
    </noscript>"""


def packed(html: str) -> str:
    """Pack Allure's HTML.

    Raises:
        RenderError: the HTML does not have its program and its data where they are looked for.
    """
    program, data = _PROGRAM.search(html), _DATA.search(html)
    if program is None or data is None or program.end() > data.start():
        raise RenderError("this suite cannot compress Allure's HTML: it has no program or no data")
    parts = {PROGRAM: _OLD_FONTS.sub(b"data:font/woff,", base64.b64decode(program[1]))}
    parts |= {one[1]: base64.b64decode(one[2]) for one in _PART.finditer(data[1])}
    index = json.dumps([[name, len(part)] for name, part in parts.items()]).encode()
    # Without a time, so that the same report is the same file.
    together = gzip.compress(b"\n".join([index, b"".join(parts.values())]), mtime=0)
    unpack = _UNPACK % base64.b64encode(together).decode()
    return html[: program.start()] + html[program.end() : data.start()] + unpack + html[data.end() :]
