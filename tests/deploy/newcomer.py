"""Somebody with a checkout and docs/deploy.md, who does what the page says, line by line."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from local import execution, facts
from local.deploy.stack import Stack
from local.deploy.tour import DeployedWorld
from local.deploy.variant import Variant
from local.intrinsics import load
from local.template import Template

PAGE = facts.ROOT / "docs" / "deploy.md"
#: What a newcomer writes into the page's block of values.
VALUES = {
    "AWS_DEFAULT_REGION": facts.REGION,
    "GOOGLE_CLIENT_ID": facts.GOOGLE_CLIENT_ID,
    "APP_ID": "local",
    "APP_REGION": facts.APP_REGION,
}
_VENVS = (".venv", *(f"local/tools/{tool}/.venv" for tool in ("sam", "ministack", "lambda")))
_GIT = ("git", "-c", "user.name=Newcomer", "-c", "user.email=newcomer@example.com")


class EmptyWorld(DeployedWorld):
    """An account with nothing in it, and the vendors."""

    program = ("local.deploy", "--empty")


def commands(app_url: str) -> list[str]:
    """Return the page's commands in order, a line each, with the newcomer's own values."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    text = "".join(blocks)
    for name, value in {**VALUES, "APP_URL": app_url}.items():
        mine = f"export {name}={value}"
        text, found = re.subn(rf"^export {name}=.*$", mine, text, flags=re.MULTILINE)
        assert found == 1, name
    return text.splitlines()


@dataclass
class Newcomer:
    """One shell in one checkout, over an emulated account.

    Args:
        world: The account and the vendors.
        folder: For the checkout and all else.
    """

    world: EmptyWorld
    folder: Path
    said: list[str] = field(default_factory=list)

    @property
    def checkout(self) -> Path:
        """The newcomer's."""
        return self.folder / "checkout"

    @property
    def stack(self) -> Stack:
        """The stack that is deployed first."""
        return Stack(self.world.addresses, self.world.folder / "deploy")

    def clone(self) -> None:
        """Publish this tree as it is now, and clone it; what was installed here is lent."""
        origin = self.folder / "origin"
        listed = self._git(
            facts.ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"
        )
        for name in filter(None, listed.split("\0")):
            source, target = facts.ROOT / name, origin / name
            if source.is_file() and not source.is_symlink():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)
        self._git(origin, "init", "--quiet", "--initial-branch=main")
        self.publish("First")
        self._git(self.folder, "clone", "--quiet", str(origin), str(self.checkout))
        (self.folder / "tmp").mkdir()
        for venv in _VENVS:
            (self.checkout / venv).symlink_to(facts.ROOT / venv)
        # Older than what was installed from them, as they are.
        for path in self.checkout.rglob("requirements.txt"):
            os.utime(path, (0, 0))

    def publish(self, message: str) -> None:
        """Commit what has changed in the tree that others pull from."""
        origin = self.folder / "origin"
        self._git(origin, "add", "--all")
        self._git(origin, "commit", "--quiet", "--message", message)

    def run(self, command: str, stdin: str = "") -> str:
        """Run a command in the same shell as those before; give what was said."""
        state = self.folder / "shell"
        state.touch()
        script = f"set -a; . {state}\n{command}\ndeclare -px > {state}"
        done = subprocess.run(  # noqa: S603
            ["/bin/bash", "-euo", "pipefail", "-c", script],
            cwd=self.checkout,
            env=self._environment(),
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.said.append(done.stdout)
        assert done.returncode == 0, f"{command}\n{done.stdout}"
        if command.startswith("make build"):
            self._vary()
        return done.stdout

    def _environment(self) -> dict[str, str]:
        pyenv = os.environ.get("PYENV_ROOT", str(Path.home() / ".pyenv"))
        return {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "TMPDIR": str(self.folder / "tmp"),  # the SAM CLI leaves folders behind
            "PYENV_ROOT": pyenv,
            "SAM_CLI_TELEMETRY": "0",
            "SAM_CLI_POLL_DELAY": "0.3",
            "__SAM_CLI_APP_DIR": str(self.folder / "sam"),
            "AWS_ENDPOINT_URL": self.world.aws_url,
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            **facts.AWS_CREDENTIALS,
            **self.world.addresses.vendors({}),
        }

    def _vary(self) -> None:
        """Change in what was built the few lines that the emulator needs: see local/deploy."""
        built = self.checkout / ".aws-sam" / "build"
        folder = self.folder / "varied"
        folder.mkdir(exist_ok=True)
        variant = Variant(
            folder=folder,
            built=built,
            runtime=execution.as_lambda(folder),
            variables={
                **self.world.addresses.vendors({}),
                "AWS_ENDPOINT_URL": self.world.addresses.aws,
            },
            base_url=self.world.addresses.extension,
        )
        template = Template.read(facts.TEMPLATE, {"GoogleClientId": facts.GOOGLE_CLIENT_ID})
        template.values |= {"Table": "named later", "Key.Arn": "named later"}
        shutil.copy(variant.write(template.functions()), built / "template.yaml")

    @staticmethod
    def _git(folder: Path, *arguments: str) -> str:
        return subprocess.run(  # noqa: S603
            [*_GIT, *arguments], cwd=folder, check=True, capture_output=True, text=True
        ).stdout


def guided_answers() -> str:
    """Type what the page's table says: the client's id, and Enter for everything else."""
    parameters = load(facts.TEMPLATE.read_text())["Parameters"]
    typed = [facts.GOOGLE_CLIENT_ID if name == "GoogleClientId" else "" for name in parameters]
    before, after = (
        ["stack name", "region"],
        ["confirm", "roles", "rollback", "save", "file", "env"],
    )
    return "\n".join([*("" for _ in before), *typed, *("" for _ in after), "y", ""])
