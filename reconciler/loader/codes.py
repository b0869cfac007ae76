"""The loader's classes of mistake, once: `reconciler explain E103` prints from `CODES`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reconciler.errors import Fix, Location, Problem, Severity

CODES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "E101": (
            "The file is not a mapping",
            (
                "A file is made of `key: value` lines at its top level. A list or a single value "
                "there names nothing that could be managed."
            ),
        ),
        "E102": (
            "The file is empty",
            (
                "An empty file, or one of comments only, never means 'delete all'; nor does one "
                "that is gone (E160). To give up a tenant, keep the head of its file, take its "
                "entries out and apply that; its numbers are then quarantined, with a date."
            ),
        ),
        "E103": (
            "Duplicate key",
            (
                "YAML parsers keep the last of two equal keys in silence, so that a menu key or a "
                "number would be re-routed unseen. Keys are compared after Unicode normalisation "
                '(NFC), and `a` equals `"a"`.'
            ),
        ),
        "E104": (
            "Merge keys are not allowed",
            (
                "`<<` copies one mapping into another. What a file says must stand in it: use "
                "`defaults` for what many objects share."
            ),
        ),
        "E105": (
            "Tags are not allowed",
            (
                "A tag such as `!!binary` or `!include` asks the parser to build something other "
                "than text, lists and mappings. Files here are data only."
            ),
        ),
        "E106": (
            "Anchors and aliases are not allowed",
            (
                "`&name` and `*name` make one part of a file stand in several places, where edits "
                "and messages can no longer point at one line."
            ),
        ),
        "E107": (
            "More than one document",
            (
                "A second `---` starts another document in the same file; which of them counts "
                "would be a guess."
            ),
        ),
        "E108": (
            "Unknown YAML directive",
            (
                "Only `%YAML 1.1` and `%YAML 1.2` are known. Other lines that start with `%` would "
                "change how the file is read."
            ),
        ),
        "E109": (
            "A size limit is passed",
            (
                "A file may have 5 MiB, 32 levels, 200,000 keys and values, and 64 KiB in one "
                "value. The limits keep one file from stopping the machine that reads it."
            ),
        ),
        "E110": (
            "A key must be text",
            "A key is text on one line. A mapping, a list or nothing at all cannot name anything.",
        ),
        "E111": (
            "The file is not UTF-8",
            "Files are read as UTF-8 without a byte order mark, the same on every machine.",
        ),
        "E113": (
            "Tab used as indentation",
            "YAML indents with spaces only: how far a tab reaches differs from editor to editor.",
        ),
        "E114": (
            "Invisible or control character",
            (
                "Control, zero-width and text-direction characters can make a line read "
                "differently from what it says, or drive the terminal that shows it."
            ),
        ),
        "E115": (
            "Wrong line end",
            (
                "Lines end with LF or CRLF. YAML parsers also break lines at other characters, "
                "where editors show none."
            ),
        ),
        "E116": (
            "Merge conflict left in the file",
            (
                "git has marked two versions of the same lines; which one is wanted is for a "
                "person to say."
            ),
        ),
        "E117": (
            "Unquoted * or #",
            (
                "Bare, `*` starts an alias and `#` a comment, so that the star and hash keys of a "
                "telephone get lost. In quotes they are text."
            ),
        ),
        "E118": (
            "YAML syntax error",
            "The file cannot be read as YAML from this place on; what follows was not checked.",
        ),
        "E119": (
            "Too many problems in one file",
            "Reading stops after 100 problems: most of them have one cause.",
        ),
        "E140": (
            "Symbolic links are not followed",
            (
                "A link can point out of the project, to secrets or to another tenant, and what it "
                "points at is not what was reviewed."
            ),
        ),
        "E141": (
            "Not a regular file",
            "Pipes, sockets, devices and folders are never opened where a file belongs.",
        ),
        "E142": (
            "Hard links are not read",
            (
                "A second name for the same file can stand outside the project, where it is "
                "changed without a review."
            ),
        ),
        "E143": (
            "The file cannot be read",
            "It is missing, was removed meanwhile, or this user may not read it.",
        ),
        "E144": (
            "Path outside the project",
            "Paths are relative to the project folder and never lead out of it.",
        ),
        "E150": (
            "No project file",
            (
                "Commands look for `reconciler.yaml` in this folder and upward, to the root of the "
                "git repository."
            ),
        ),
        "E151": (
            "No such tenant",
            (
                "A tenant is a file or a folder that the `tenants` pattern of the project file "
                "finds. Finding none is an error, never 'delete all'."
            ),
        ),
        "E152": (
            "Invalid tenant name",
            (
                "1 to 63 lower-case ASCII letters, digits and hyphens, the first not a hyphen, and "
                "no device name of Windows such as `con`: the name becomes a file name everywhere."
            ),
        ),
        "E153": (
            "Tenant and file name differ",
            (
                "`tenant` in the file repeats the name of the file or folder, so that a copied "
                "file cannot act on the tenant it was copied from."
            ),
        ),
        "E154": (
            "Tenant declared twice",
            (
                "A tenant is one file or one folder. Names that differ in case only are one name "
                "on many machines."
            ),
        ),
        "E155": (
            "Given in two files",
            (
                "The files of a tenant's folder are merged by section: each entry of a section, "
                "and each single value, stands in one of them."
            ),
        ),
        "E156": (
            "Unusual file name ending",
            "Only `.yaml` is read. A file left out unseen would look like one deleted.",
        ),
        "E157": (
            "Tenant folder without files",
            (
                "A tenant's folder holds at least one `.yaml` file; an empty one never means "
                "'delete all'."
            ),
        ),
        "E158": (
            "Unusable tenants pattern",
            (
                "It is a fixed folder and one last part with a wildcard: `tenants/*.yaml`, "
                "`tenants/*/`, or `tenants/*` for both."
            ),
        ),
        "E161": (
            "A file that is named is not there",
            (
                "A sound is a regular file inside the project, by its path from the project's "
                "folder; no link is followed on the way, as a link can point out of the project. "
                "Callers would hear nothing where it is to be played."
            ),
        ),
        "E180": (
            "Not a list of numbers",
            (
                "`numbers preload` reads CSV in UTF-8: one number in E.164 on a line, in its first "
                "column. A spreadsheet's own file, another encoding or an empty file is refused "
                "whole, before anything is loaded."
            ),
        ),
        "E181": (
            "Line of a list refused",
            (
                "The line cannot be loaded as it is written: a quote is open, it has more cells "
                "than there are columns, its country or type cannot be, or an earlier line says "
                "otherwise of the same number. The other lines are loaded all the same."
            ),
        ),
    }
)
"""Code -> (summary, explanation). E112 and E120 to E139 belong to the checking of fields."""

_SHOWN = 80


def told(
    code: str,
    location: Location,
    detail: str,
    hint: str,
    related: tuple[tuple[Location, str], ...] = (),
    fix: Fix | None = None,
    *,
    severity: Severity = Severity.ERROR,
) -> Problem:
    """Build a problem of the class `code`, its summary taken from `CODES`."""
    return Problem(code, CODES[code][0], detail, hint, location, severity, related=related, fix=fix)


def printable(text: str) -> str:
    r"""Replace what a terminal or reader would not show as it is by its escape, as ``\x1b``.

    Control, text-direction, zero-width, unassigned and lone surrogate characters are
    replaced, and so is every blank other than a space; the rest stays.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def quoted(text: str) -> str:
    """Show `text` inside a sentence: in quotes, printable, cut at 80 characters."""
    cut = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    return f'"{printable(cut)}"'


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
