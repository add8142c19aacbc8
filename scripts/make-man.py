#!/usr/bin/env python3
"""Writes the manual pages from what the program says of itself: scripts/make-man.py PROGRAM FOLDER."""

import datetime
import json
import pathlib
import re
import subprocess
import sys


def roff(text):
    """Text as roff has it: no letter is taken for a command."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in text.split("\n"))


def spelled(name):
    return {"long": "--", "short": "-", "longWithSingleDash": "-"}[name["kind"]] + name["name"]


def option(argument):
    """The head and the text of one option or argument."""
    value = argument.get("valueName", "")
    if argument["kind"] == "positional":
        head = "\\fI%s\\fR" % roff(value)
    else:
        head = ", ".join("\\fB%s\\fR" % roff(spelled(name)) for name in argument["names"])
        if argument["kind"] == "option":
            head += " \\fI%s\\fR" % roff(value)
    text = argument.get("abstract", "")
    if argument.get("allValues"):
        text += " One of " + ", ".join(argument["allValues"]) + "."
    if argument.get("defaultValue") and "default" not in text:
        text += " (default: %s)" % argument["defaultValue"]
    return ".TP\n%s\n%s" % (head, roff(text.strip()))


def synopsis(name, arguments):
    parts = ["\\fB%s\\fR" % roff(name)]
    if any(a["kind"] != "positional" for a in arguments):
        parts.append("[\\fIoptions\\fR]")
    for argument in arguments:
        if argument["kind"] == "positional":
            word = "\\fI%s\\fR" % roff(argument.get("valueName", ""))
            word += " ..." if argument.get("isRepeating") else ""
            parts.append("[%s]" % word if argument.get("isOptional") else word)
    return " ".join(parts)


def page(command, path, version):
    name = "-".join(path)
    arguments = [a for a in command.get("arguments", []) if a.get("shouldDisplay", True)]
    children = [c for c in command.get("subcommands", []) if c.get("shouldDisplay", True) and c["commandName"] != "help"]
    lines = ['.TH "%s" 1 "%s" "%s" "Sluice"' % (roff(name.upper()), datetime.date.today().isoformat(), roff(version))]
    lines += [".SH NAME", "%s \\- %s" % (roff(name), roff(command.get("abstract", "").rstrip(".")))]
    lines += [".SH SYNOPSIS", synopsis(" ".join(path), arguments)]
    if children:
        lines.append(".br\n\\fB%s\\fR \\fIcommand\\fR ..." % roff(" ".join(path)))
    if command.get("discussion"):
        # The text has columns and examples, which are not to be filled.
        lines += [".SH DESCRIPTION", ".nf", roff(command["discussion"]), ".fi"]
    if children:
        lines.append(".SH COMMANDS")
        for child in children:
            lines.append(".TP\n\\fB%s\\fR\n%s" % (roff(child["commandName"]), roff(child.get("abstract", ""))))
    sections = {}
    for argument in arguments:
        title = argument.get("sectionTitle") or ("Arguments" if argument["kind"] == "positional" else "Options")
        sections.setdefault(title, []).append(option(argument))
    for title, entries in sections.items():
        lines += [".SH " + roff(title.upper())] + entries
    others = ["-".join(path + [c["commandName"]]) for c in children] or ["-".join(path[:-1])]
    lines += [".SH SEE ALSO", ", ".join("\\fB%s\\fR(1)" % roff(other) for other in others if other)]
    yield name, "\n".join(lines) + "\n"
    for child in children:
        yield from page(child, path + [child["commandName"]], version)


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    described = subprocess.run([program, "--experimental-dump-help"], check=True, capture_output=True, text=True).stdout
    version = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout.strip()
    folder.mkdir(parents=True, exist_ok=True)
    command = json.loads(described)["command"]
    for name, text in page(command, [command["commandName"]], version):
        (folder / (re.sub(r"[^a-z-]", "", name) + ".1")).write_text(text)
        print(folder / (name + ".1"))


main()
