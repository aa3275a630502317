"""Prints what is wrong with pages as a JSON object: a list of problems for each path.

    check_page.py PAGE.html [PAGE.html...]

The parsers and the digests are those of Python's standard library.
"""

import base64
import hashlib
import json
import re
import sys
from html.parser import HTMLParser
from xml.etree import ElementTree

VOID = {"meta", "img", "br", "hr", "link", "input"}


class Checker(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.problems, self.stack, self.ids, self.references = [], [], set(), []
        self.scripts, self.styles, self.policy, self.headings = [], [], None, []
        self.text = []

    def handle_startendtag(self, name, attributes):
        self.element(name, attributes)

    def handle_starttag(self, name, attributes):
        self.element(name, attributes)
        if name not in VOID:
            self.stack.append((name, dict(attributes)))
        if name == "script":
            self.scripts.append((dict(attributes), ""))

    def handle_endtag(self, name):
        if not self.stack or self.stack[-1][0] != name:
            self.problems.append(f"</{name}> closes {self.stack[-1:]}")
        else:
            self.stack.pop()

    def handle_data(self, data):
        name = self.stack[-1][0] if self.stack else None
        if name == "script":
            self.scripts[-1] = (self.scripts[-1][0], self.scripts[-1][1] + data)
        elif name == "style":
            self.styles.append(data)
        else:
            self.text.append(data)

    def element(self, name, attributes):
        names = [key for key, _ in attributes]
        if len(set(names)) < len(names):
            self.problems.append(f"{name} has an attribute twice")
        for key, value in attributes:
            if key.startswith("on") or key == "style" or key == "srcdoc":
                self.problems.append(f"{name} has {key}")
            if key in ("src", "href", "xlink:href", "action", "data", "poster"):
                inside = value.startswith("#") and name == "a"
                if not inside and not value.startswith("data:image/"):
                    self.problems.append(f"{name} refers to {value[:60]}")
            if "url(" in value and not re.fullmatch(r"url\(#[\w-]+\)", value):
                self.problems.append(f"{name} has {key}={value[:60]}")
        values = dict(attributes)
        if "id" in values:
            if values["id"] in self.ids:
                self.problems.append(f"the id {values['id']} stands twice")
            self.ids.add(values["id"])
        for key in ("aria-labelledby", "aria-describedby"):
            self.references += values.get(key, "").split()
        if values.get("href", "").startswith("#"):
            self.references.append(values["href"][1:])
        if name == "img" and not values.get("alt"):
            self.problems.append("an img without alt")
        if name == "svg" and not ("aria-hidden" in values or values.get("role") == "img"):
            self.problems.append("an svg without a role")
        if name == "meta" and values.get("http-equiv") == "Content-Security-Policy":
            if self.styles or self.scripts:
                self.problems.append("the policy comes too late")
            self.policy = values["content"]
        if re.fullmatch(r"h[1-6]", name):
            self.headings.append(int(name[1]))


def digest(text):
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def check(path):
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    checker = Checker()
    checker.feed(text)
    checker.close()
    problems = checker.problems
    problems += [f"{name} is not closed" for name, _ in checker.stack]
    problems += [f"no id {name}" for name in checker.references if name not in checker.ids]
    policy = dict(part.split(" ", 1) for part in (checker.policy or "x y").split("; "))
    data = [text for attributes, text in checker.scripts if attributes.get("type")]
    code = [text for attributes, text in checker.scripts if not attributes.get("type")]
    if policy != {"default-src": "'none'", "img-src": "data:", "base-uri": "'none'",
                  "form-action": "'none'", "style-src": digest("".join(checker.styles)),
                  "script-src": digest("".join(code))}:
        problems.append(f"the policy is {checker.policy}")
    if len(data) != 1 or len(code) != 1:
        problems.append(f"{len(data)} data and {len(code)} scripts")
    for piece in data:
        if re.search("[<>&\u2028\u2029]", piece):
            problems.append("the data hold what could end them")
        json.loads(piece)
    if checker.headings[:1] != [1] or checker.headings.count(1) != 1:
        problems.append("there is not one h1 in front")
    if any(b > a + 1 for a, b in zip(checker.headings, checker.headings[1:])):
        problems.append(f"headings leave out a level: {checker.headings}")
    bare = re.sub(r"(<(script|style)[^>]*>).*?</\2>", r"\1</\2>", text, flags=re.S)
    try:
        ElementTree.fromstring(bare)
    except ElementTree.ParseError as error:
        problems.append(f"no XML: {error}")
    return problems


print(json.dumps({path: check(path) for path in sys.argv[1:]}))
