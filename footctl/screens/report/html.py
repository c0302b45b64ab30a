"""The page around a report: head, style for screen and paper, tables. Everything that was typed by somebody is escaped here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

MARK = "<!-- written by footctl report -->"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"  # even a browser that could would fetch nothing

_STYLE = """
@page { size: A4; margin: 12mm 14mm; }
* { box-sizing: border-box; }
body { font: 10.5pt/1.38 system-ui, "Segoe UI", Roboto, "DejaVu Sans", Arial, sans-serif; color: #1a1a1a; background: #fff;
       max-width: 182mm; margin: 8mm auto; padding: 0 4mm; }
h1 { font-size: 17pt; line-height: 1.15; margin: 0 0 1mm; }
h2 { font-size: 11.5pt; margin: 4.5mm 0 1.2mm; border-bottom: 0.4pt solid #999; break-after: avoid; }
p { margin: 0 0 1.5mm; }
.who { color: #444; }
.verdict { font-size: 12pt; font-weight: 600; margin: 2mm 0; padding: 1.6mm 3mm; border-left: 1.2mm solid #1b5e83; background: #eef4f8; }
.verdict.bad, .flag.urgent { border-left-color: #a01c1c; background: #fbeeee; }
.sim { border: 0.8pt dashed #666; padding: 1mm 2mm; margin: 1.5mm 0; }
.flag { border-left: 1.2mm solid #b07800; background: #fdf6e7; padding: 1.2mm 3mm; margin: 1.2mm 0; break-inside: avoid; }
.flag b { display: block; }
table { border-collapse: collapse; width: 100%; font-size: 9.2pt; margin: 0.5mm 0 1mm; }
th { text-align: left; font-weight: 600; border-bottom: 0.4pt solid #666; padding: 0.5mm 2mm 0.5mm 0; }
td { padding: 0.45mm 2mm 0.45mm 0; border-bottom: 0.2pt solid #ddd; vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
td.n, td:first-child { white-space: nowrap; }
tr, figure { break-inside: avoid; }
figure { margin: 0.5mm 0 0; }
figure svg { width: 100%; height: auto; display: block; }
figure svg text { font-family: system-ui, "Segoe UI", Roboto, "DejaVu Sans", Arial, sans-serif !important; }
figcaption { font-size: 8.8pt; color: #444; }
.small { font-size: 8.8pt; color: #444; }
.columns { display: grid; grid-template-columns: 1fr 1fr; gap: 0 6mm; }
@media print { section { break-inside: avoid; } body { margin: 0; padding: 0; max-width: none; font-size: 9pt; }
  table { font-size: 8.6pt; } h2 { margin-top: 3.5mm; } .small, figcaption { font-size: 8.2pt; }
  h1 { font-size: 15pt; }
  .verdict, .flag, .sim { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
@media (max-width: 640px) { .columns { grid-template-columns: 1fr; } }
"""


def page(title: str, parts: Iterable[str]) -> str:
    """A whole document."""
    return (
        f'<!DOCTYPE html>\n{MARK}\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="robots" content="noindex">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n" + "\n".join(part for part in parts if part)
        + "\n</body>\n</html>\n"
    )  # fmt: skip


def heading(text: str) -> str:
    """A section's heading."""
    return f"<h2>{escape(text)}</h2>"


def paragraph(text: str, kind: str = "") -> str:
    """A paragraph of plain text; "" gives nothing."""
    return (f'<p class="{kind}">' if kind else "<p>") + f"{escape(text)}</p>" if text else ""


def table(head: Sequence[str], rows: Sequence[Sequence[object]], numbers: Sequence[int] = ()) -> str:
    """A table; the columns in `numbers` are aligned to the right. Nothing when it has no rows."""
    if not rows:
        return ""

    def cells(row: Sequence[object], tag: str) -> str:
        return "".join(
            f'<{tag} class="n">{escape(str(cell))}</{tag}>' if place in numbers else f"<{tag}>{escape(str(cell))}</{tag}>"
            for place, cell in enumerate(row)
        )

    body = "".join(f"<tr>{cells(row, 'td')}</tr>\n" for row in rows)
    return f"<table><thead><tr>{cells(head, 'th')}</tr></thead>\n<tbody>\n{body}</tbody></table>"


def figure(svg: str, caption: str) -> str:
    """A drawing with what it shows."""
    return f"<figure>{svg}<figcaption>{escape(caption)}</figcaption></figure>" if svg else ""
