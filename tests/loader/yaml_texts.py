"""Random YAML as people write it: both styles, every sort of quotes, comments everywhere."""

from hypothesis import strategies as st

from reconciler.loader.yaml_text import parse_yaml

BARE = ["x", "extension/4201", "20s", "Main line", "0123", "NO", "9:30", "+12015550144", "4201"]
BARE += ["2026-12-25", "1e3", "a:b", "http://x/y", "true", "null", "~", "-5", "it's", "*97", "#"]
KEYS = ["a", "b", "name", "to", "4201", "+12015550144", "no", "0", "*", "#", "x y", "Zürich", "😀"]


@st.composite
def scalars(draw):
    text = draw(st.sampled_from(BARE))
    style = draw(st.sampled_from(["", "", "'", '"']))
    if text in {"*97", "#", "*"} and not style:
        style = '"'
    if style == "'":
        text = text.replace("'", "''")
    return f"{style}{text}{style}"


@st.composite
def keys(draw, used):
    name = draw(st.sampled_from([key for key in KEYS if key not in used]))
    used.add(name)
    style = draw(st.sampled_from(["", '"', "'"]))
    return f'"{name}"' if name in {"*", "#"} else f"{style}{name}{style}"


@st.composite
def flows(draw, indent, depth=0):
    """A mapping or list in brackets, on one line or on several, with comments in between."""
    ends = [" ", "", "  "]
    if draw(st.booleans()):
        ends += [f"\n{' ' * (indent + 2)}", f"  # {draw(note)}\n{' ' * (indent + 1)}"]
    gap = st.sampled_from(ends)
    used = set()
    parts = []
    is_list = draw(st.booleans())
    for _ in range(draw(st.integers(0, 3))):
        deep = depth < 2 and draw(st.integers(0, 3)) == 0
        item = draw(flows(indent, depth + 1)) if deep else draw(scalars())
        parts.append(item if is_list else f"{draw(keys(used))}: {item}")
    opened, closed = "[]" if is_list else "{}"
    comma = "," if parts and draw(st.integers(0, 4)) == 0 else ""
    text = opened
    for n, part in enumerate(parts):
        text += (draw(gap) if n == 0 else "," + (draw(gap) or " ")) + part
    return text + comma + draw(gap) + closed


note = st.integers(0, 10**6).map("note {}".format)


@st.composite
def between(draw, indent):
    """Blank lines and lines of comments."""
    lines = []
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        at = draw(st.sampled_from([indent, indent, 0, indent + 3]))
        lines.append(draw(st.sampled_from(["", "", f"{' ' * at}# {draw(note)}", "  "])))
    return lines


@st.composite
def ending(draw):
    """What follows a value on its line."""
    blanks = draw(st.sampled_from(["", "", "", " ", "\t"]))
    if blanks or draw(st.integers(0, 3)):
        return blanks
    before = draw(st.sampled_from(["  ", " ", "\t"]))
    return f"{before}# {draw(note)}{draw(st.sampled_from(['', ' ']))}"


@st.composite
def values(draw, indent, depth):
    """What follows a colon or a dash: the rest of its line, and lines below."""
    kind = draw(st.sampled_from(["one", "one", "one", "flow", "block", "block", "text", "none"]))
    if kind == "flow":
        first, *rest = draw(flows(indent)).split("\n")
        rest = [*rest]
        if rest:
            rest[-1] += draw(ending())
            return [f" {first}", *rest]
        return [f" {first}{draw(ending())}"]
    if kind == "text":
        style = draw(st.sampled_from(["|", ">-", "|+", '"', "plain"]))
        blanks = " " * (indent + 2)
        if style == '"':
            return [' "one ', f'{blanks}two # three"{draw(ending())}']
        if style == "plain":
            return [" one", f"{blanks}two{draw(ending())}"]
        head = f"  # {draw(note)}" if draw(st.integers(0, 4)) == 0 else ""
        return [f" {style}{head}", f"{blanks}line one  ", f"{blanks}# no comment", ""]
    if kind == "none":
        return [draw(ending())]
    if kind == "one" or depth > 2:
        return [f" {draw(scalars())}{draw(ending())}"]
    step = draw(st.sampled_from([2, 2, 4]))
    make = draw(st.sampled_from([mappings, lists]))
    return [draw(ending()), *draw(make(indent + step, depth + 1))]


@st.composite
def mappings(draw, indent, depth=0):
    lines, used = [], set()
    for _ in range(draw(st.integers(1, 4))):
        lines += draw(between(indent))
        first, *rest = draw(values(indent, depth))
        lines += [f"{' ' * indent}{draw(keys(used))}:{first}", *rest]
    return lines + draw(between(indent))


@st.composite
def lists(draw, indent, depth=0):
    lines = []
    for _ in range(draw(st.integers(1, 3))):
        lines += draw(between(indent))
        if draw(st.integers(0, 2)) == 0 and depth < 3:
            inner = draw(mappings(indent + 2, depth + 1))
            while not inner[0].strip() or inner[0].lstrip().startswith("#"):
                inner.pop(0)
            lines += [f"{' ' * indent}- {inner[0].lstrip()}", *inner[1:]]
        else:
            first, *rest = draw(values(indent, depth))
            lines += [f"{' ' * indent}-{first}", *rest]
    return lines


@st.composite
def documents(draw):
    """A document that the loader takes."""
    lines = draw(mappings(0))
    eol = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    return eol.join(lines) + eol * draw(st.sampled_from([1, 1, 1, 0, 2]))


def loaded(text):
    return parse_yaml(text.encode(), "f.yaml").document
