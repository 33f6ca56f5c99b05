"""A headless Chromium that is driven over its debugging pipe: real keys, and what the page and the console say."""

import json
import os
import select
import subprocess
import time

KEYS = {  # name: code and text as a keyboard gives them
    "Tab": (9, ""),
    "Enter": (13, "\r"),
    " ": (32, " "),
    "Escape": (27, ""),
    "ArrowRight": (39, ""),
}


class Browser:
    """One page in one browser, without network; `console` holds what was logged and every error."""

    def __init__(self, chromium: str, folder, width: int = 1280, height: int = 900):
        ours, theirs = os.pipe(), os.pipe()  # we read what it says from the first, it reads from the second
        command = [
            chromium, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={folder}/profile", "--remote-debugging-pipe",
            f"--window-size={width},{height}",
        ]  # fmt: skip
        self.process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{theirs[0]} 4>&{ours[1]}', "browser", *command],
            pass_fds=(theirs[0], ours[1]), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(theirs[0])
        os.close(ours[1])
        self.reading, self.writing = ours[0], theirs[1]
        self.buffer, self.number, self.session, self.console, self.events = b"", 0, None, [], []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "DOM"):
            self.send(f"{domain}.enable")

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.reading)
        os.close(self.writing)

    def _message(self, until: float) -> dict:
        while b"\0" not in self.buffer:
            ready, _, _ = select.select([self.reading], [], [], max(until - time.monotonic(), 0))
            assert ready, "the browser does not answer"
            self.buffer += os.read(self.reading, 1 << 16)
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def send(self, method: str, **params) -> dict:
        """One command and its answer."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.writing, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + 60
        while True:
            told = self._message(until)
            if told.get("id") == self.number:
                assert "error" not in told, told
                return told["result"]
            self._note(told)

    def _note(self, told: dict) -> None:
        if told.get("method") in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"):
            self.console.append(told["params"])
        self.events.append(told.get("method"))

    def open(self, path) -> None:
        """Open a file and wait until it is loaded."""
        self.events = []
        self.send("Page.navigate", url=path.as_uri())
        until = time.monotonic() + 60
        while "Page.loadEventFired" not in self.events:
            self._note(self._message(until))

    def ask(self, expression: str):
        """Value of an expression in the page."""
        told = self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def until(self, expression: str) -> None:
        """Wait until an expression is true in the page; pages act a moment after a key."""
        end = time.monotonic() + 10
        while not self.ask(expression):
            assert time.monotonic() < end, f"not so: {expression}"
            time.sleep(0.02)

    def press(self, key: str, shift: bool = False) -> None:
        """Press a key and let it go."""
        code, text = KEYS[key] if key in KEYS else (ord(key.upper()), key)
        common = {
            "key": key,
            "code": "Space" if key == " " else key,
            "windowsVirtualKeyCode": code,
            "modifiers": 8 if shift else 0,
        }
        down = "keyDown" if text else "rawKeyDown"
        self.send("Input.dispatchKeyEvent", type=down, text=text, **common)
        self.send("Input.dispatchKeyEvent", type="keyUp", **common)
