#!/usr/bin/env python3
"""Checks that abi.h has only grown since a released minor, and that the description of its layout is complete.

    check_abi.py ABI_H LAYOUT RELEASED...

RELEASED are headers of released minors as they were. What they declare must stand in ABI_H as it was, in its order; structs may
have more members at the end, enums more numbers. LAYOUT must describe every member of every struct of ABI_H. Prints a sentence
for each offence and fails when there is one.
"""

import pathlib
import re
import sys

STRUCT = re.compile(r"typedef struct (\w+) \{(.*?)\} (\w+);", re.S)
ENUM = re.compile(r"enum \{(.*?)\};", re.S)
TYPEDEF = re.compile(r"typedef (?!struct \w+ \{)[^;{]+;")
DEFINE = re.compile(r'^#define (FLOWPORT_\w+) ("[^"\n]*"|\d+)$', re.M)
LINE = re.compile(r"^(?:STRUCT\((\w+), \d+\)|MEMBER\((\w+), (\w+), \d+, \d+\))$")
MINOR = "FLOWPORT_ABI_MINOR"


def plain(text):
    """Without comments, and with single spaces between words only."""
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    text = re.sub(r"\s+", " ", text).strip()
    return re.sub(r" ?([^\w\s]) ?", r"\1", text)


def without_comments(text):
    """Nor FLOWPORT_OPTIONAL, which is a word to compilers and changes nothing of what is declared."""
    return re.sub(r"/\*.*?\*/| FLOWPORT_OPTIONAL\b", "", text, flags=re.S)


def members(body):
    """[(name, declaration)] of a struct's body; `T a, b;` and `T *a, *b;` are two."""
    for declaration in re.findall(r"[^;]+(?=;)", without_comments(body)):
        declaration = declaration.strip()
        function = re.search(r"\(\*(\w+)\)", declaration)
        if function:
            yield function.group(1), plain(declaration)
            continue
        first, *others = declaration.split(",")
        kind, name = re.fullmatch(r"(.*?)(\w+)\s*", first, re.S).groups()
        yield name, plain(kind + name)
        base = kind.replace("*", "")
        for other in others:
            yield other.strip(" *\n"), plain(base + other.strip())


def declared(header):
    """{what: [(name, how)]} of a header."""
    text = without_comments(header)
    found = {f"struct {name}": list(members(body)) for name, body, _ in STRUCT.findall(text)}
    for number, body in enumerate(ENUM.findall(text)):
        pairs = [plain(each) for each in body.split(",") if each.strip()]
        found[f"enum {number}, of {pairs[0].split('=')[0]}"] = [(pair.split("=")[0], pair) for pair in pairs]
    found["types"] = [(re.findall(r"\w+", each.split(")")[0])[-1], plain(each)) for each in TYPEDEF.findall(text)]
    found["macros"] = [(name, f"{name} {value}") for name, value in DEFINE.findall(text) if name != MINOR]
    return found


def minor_of(header):
    return re.search(rf"{MINOR} (\d+)", header).group(1)


def offences_of_growth(current, released):
    """`current` and `released` are texts of headers."""
    rule = f"plugins built for ABI 1.{minor_of(released)} rely on it, and members are only ever appended"
    now = declared(current)
    for what, had in declared(released).items():
        if what.startswith("enum "):
            # The enums have no names: they are known by the numbers in them.
            has = [pair for name, pairs in now.items() if name.startswith("enum ") for pair in pairs]
        else:
            has = now.get(what, [])
        for place, (name, how) in enumerate(had):
            if what.startswith("struct ") and (place >= len(has) or has[place] != (name, how)):
                instead = f"'{has[place][1]}'" if place < len(has) else "nothing"
                yield f"member {place} of {what} is {instead} and was '{how}': {rule}"
            elif (name, how) not in has:
                yield f"'{how}' of {what} is not there any more: {rule}"
    if int(minor_of(current)) < int(minor_of(released)):
        yield f"{MINOR} is {minor_of(current)} and was {minor_of(released)}"


def offences_of_layout(current, layout):
    described = {}
    for line in layout.splitlines():
        match = LINE.match(line.strip())
        if match and match.group(1):
            described[match.group(1)] = []
        elif match:
            described.setdefault(match.group(2), []).append(match.group(3))
    structs = {what.removeprefix("struct "): had for what, had in declared(current).items() if what.startswith("struct ")}
    for struct, had in structs.items():
        names = [name for name, _ in had]
        if described.get(struct) != names:
            yield f"the layout describes {struct} as {described.get(struct)}; it has {names}: append what is new"
    for struct in described.keys() - structs.keys():
        yield f"the layout describes {struct}, which abi.h does not have"


def main():
    current, layout, *released = [pathlib.Path(path).read_text(encoding="utf-8") for path in sys.argv[1:]]
    offences = list(offences_of_layout(current, layout))
    for header in released:
        offences += offences_of_growth(current, header)
    for offence in offences:
        print(f"abi.h: {offence}")
    return 1 if offences else 0


if __name__ == "__main__":
    sys.exit(main())
