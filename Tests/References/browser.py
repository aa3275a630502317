"""Drives a headless Chromium through its debugging pipe, with Python's standard library alone.

    browser.py STEPS.json

A step is an object with one action (see `Browser.do`). One JSON object is printed: the result of
each step, what the console and the log said, and every URL that was asked for. The network is off.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time

DEADLINE = 60


class Browser:
    def __init__(self, profile):
        to_read, self.write_end = os.pipe()
        self.read_end, to_write = os.pipe()
        # Chromium reads commands from descriptor 3 and writes answers to 4. Both ends lie higher
        # first, so that neither is closed by the other's place.
        high = [os.dup2(end, 60 + i) for i, end in enumerate((to_read, to_write))]

        def wire():
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        flags = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
            "--no-first-run", "--disable-extensions", "--disable-background-networking",
            "--disable-dev-shm-usage", "--force-color-profile=srgb", "--hide-scrollbars",
            "--font-render-hinting=none", f"--user-data-dir={profile}", "about:blank",
        ]
        self.process = subprocess.Popen(
            ["chromium"] + flags, preexec_fn=wire, close_fds=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for end in (to_read, to_write, *high):
            os.close(end)
        self.buffer, self.next, self.session = b"", 1, None
        self.console, self.requests, self.events = [], [], []

    def receive(self, deadline):
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.read_end], [], [], max(0, deadline - time.time()))
            piece = os.read(self.read_end, 1 << 20) if ready else b""
            if not piece:
                raise SystemExit("browser.py: chromium ended" if ready else "browser.py: no answer")
            self.buffer += piece
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **parameters):
        number, self.next = self.next, self.next + 1
        message = {"id": number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.write_end, data):]
        deadline = time.time() + DEADLINE
        while True:
            answer = self.receive(deadline)
            if answer.get("id") == number:
                if "error" in answer:
                    raise SystemExit(f"browser.py: {method}: {answer['error']['message']}")
                return answer["result"]
            self.take(answer)

    def take(self, event):
        name, details = event.get("method"), event.get("params", {})
        self.events.append(name)
        if name == "Runtime.consoleAPICalled":
            self.console.append(" ".join(str(a.get("value", a)) for a in details["args"]))
        elif name == "Runtime.exceptionThrown":
            thrown = details["exceptionDetails"]
            self.console.append(thrown.get("exception", {}).get("description", thrown["text"]))
        elif name == "Log.entryAdded":
            self.console.append(details["entry"]["text"])
        elif name == "Audits.issueAdded":
            self.console.append(json.dumps(details["issue"]))
        elif name == "Page.javascriptDialogOpening":
            self.console.append("dialog: " + details["message"])
        elif name == "Network.requestWillBeSent":
            self.requests.append(details["request"]["url"][:300].split(",")[0])

    def wait_for(self, event):
        deadline = time.time() + DEADLINE
        while event not in self.events:
            self.take(self.receive(deadline))

    def start(self):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Audits"):
            self.call(f"{domain}.enable")
        self.call("Network.emulateNetworkConditions", offline=True, latency=0,
                  downloadThroughput=0, uploadThroughput=0)

    def evaluate(self, code):
        answer = self.call("Runtime.evaluate", expression=code, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise SystemExit("browser.py: " + answer["exceptionDetails"]["exception"]["description"]
                             + "\n" + code)
        return answer["result"].get("value")

    def place(self, where):
        """The pixel of [selector, share of the width, share of the height], scrolled into view."""
        selector, x, y = where
        left, top, width, height = self.evaluate(
            f"(() => {{ const node = document.querySelector({json.dumps(selector)});"
            " node.scrollIntoView({block: 'center', behavior: 'instant'});"
            " const frame = node.getBoundingClientRect();"
            " return [frame.left, frame.top, frame.width, frame.height]; })()")
        return left + x * width, top + y * height

    def mouse(self, kind, x, y, count=0, held=False):
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, clickCount=count,
                  button="left" if count or held else "none", buttons=1 if held else 0)

    def do(self, step):
        if "open" in step:
            self.call("Emulation.setScriptExecutionDisabled", value=not step.get("script", True))
            self.call("Emulation.setEmulatedMedia", media=step.get("medium", "screen"), features=[
                {"name": "prefers-color-scheme", "value": step.get("scheme", "light")}])
            self.call("Emulation.setDeviceMetricsOverride", width=step["width"],
                      height=step.get("height", 900), deviceScaleFactor=1,
                      mobile=step.get("mobile", False))
            self.events.clear()
            self.call("Page.navigate", url="file://" + os.path.abspath(step["open"]))
            self.wait_for("Page.loadEventFired")
            return None
        if "evaluate" in step:
            return self.evaluate(step["evaluate"])
        if "hover" in step:
            self.mouse("mouseMoved", *self.place(step["hover"]))
        elif "click" in step:
            x, y = self.place([step["click"], 0.5, 0.5])
            for count in range(1, step.get("count", 1) + 1):
                self.mouse("mousePressed", x, y, count, held=True)
                self.mouse("mouseReleased", x, y, count)
        elif "drag" in step:
            selector, x0, y0, x1, y1 = step["drag"]
            start, end = self.place([selector, x0, y0]), self.place([selector, x1, y1])
            self.mouse("mouseMoved", *start)
            self.mouse("mousePressed", *start, 1, held=True)
            for share in (0.3, 0.7, 1):
                self.mouse("mouseMoved", *[a + share * (b - a) for a, b in zip(start, end)],
                           held=True)
            self.mouse("mouseReleased", *end, 1)
        elif "key" in step:
            self.evaluate(f"document.querySelector({json.dumps(step['on'])}).focus()")
            text = {"text": step["key"]} if len(step["key"]) == 1 else {}
            self.call("Input.dispatchKeyEvent", type="keyDown", key=step["key"], **text)
            self.call("Input.dispatchKeyEvent", type="keyUp", key=step["key"])
        elif "screenshot" in step:
            size = self.evaluate("[document.documentElement.scrollWidth,"
                                 " document.documentElement.scrollHeight]")
            top = self.evaluate(f"document.querySelector({json.dumps(step['of'])})"
                                ".getBoundingClientRect().top + scrollY") if "of" in step else 0
            clip = dict(x=0, y=top, width=size[0],
                        height=min(size[1] - top, step.get("height", 20000)), scale=1)
            picture = self.call("Page.captureScreenshot", format="png", clip=clip,
                                captureBeyondViewport=True)
            with open(step["screenshot"], "wb") as file:
                file.write(base64.b64decode(picture["data"]))
        elif "pdf" in step:
            pages = self.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
            with open(step["pdf"], "wb") as file:
                file.write(base64.b64decode(pages["data"]))
        else:
            raise SystemExit(f"browser.py: no such step: {step}")
        return None


def main():
    steps = json.load(open(sys.argv[1], encoding="utf-8"))
    profile = tempfile.mkdtemp(prefix="nn-dist-browser-")
    browser = Browser(profile)
    try:
        browser.start()
        results = [browser.do(step) for step in steps]
        print(json.dumps({"results": results, "console": browser.console,
                          "requests": browser.requests}))
    finally:
        browser.process.kill()
        browser.process.wait()
        shutil.rmtree(profile, ignore_errors=True)


main()
