"""The whole system deployed: MiniStack with the stack, the emulators, and the gateway in front."""

import asyncio
import contextlib
from dataclasses import dataclass, field
from pathlib import Path

from local import artifact, execution, facts, ministack, seed
from local.aws import Aws, fresh_secret
from local.cometchat.server import create_app as create_cometchat
from local.deploy.functions import DeployedFunctions
from local.deploy.stack import Stack
from local.deploy.variant import Variant
from local.gateway import Gateway
from local.google.server import create_app as create_google
from local.run import require_free, serve
from local.template import Template

_GLANCE_SECONDS = 0.3
_SECRETS = ("google-client-secret", "signing-keys", "calendar-key")


@dataclass
class DeployedRun:
    """The running system.

    Args:
        addresses: Where everything listens.
        folder: For logs, the engine's files and what is deployed.
    """

    addresses: facts.Addresses
    folder: Path
    _stack: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)

    async def start(self) -> None:
        """Start everything and deploy.

        Raises:
            CannotStart: Something is missing or in the way; nothing is left running.
            DeployFailed: The SAM CLI failed.
        """
        async with contextlib.AsyncExitStack() as starting:
            await self._start(starting)
            self._stack = starting.pop_all()

    async def stop(self) -> None:
        """Stop everything, last started first."""
        await self._stack.aclose()

    async def _start(self, starting: contextlib.AsyncExitStack) -> None:
        await self._surround(starting)
        stack = Stack(self.addresses, self.folder / "deploy")
        await asyncio.to_thread(put_secrets, stack)
        template = await asyncio.to_thread(write_variant, stack)
        await asyncio.to_thread(stack.deploy, template)
        deployed = await asyncio.to_thread(stack.template)
        variables = {**_sdk(stack), **self.addresses.vendors({})}
        await seed.seed(deployed.functions(), variables, self.addresses)
        await self._open(starting, stack)

    async def _surround(self, starting: contextlib.AsyncExitStack) -> None:
        """Start what a deployment has around it: an account, and the vendors."""
        addresses, folder = self.addresses, self.folder
        require_free(addresses.port, facts.PORTS - 1)
        folder.mkdir(parents=True, exist_ok=True)
        await ministack.install()
        engine = await ministack.start(addresses.port + 3, folder, ministack.DEPLOYS)
        starting.push_async_callback(engine.stop)
        google = create_google(addresses.google, [f"{addresses.extension}/oauth/callback"])
        await serve(starting, google, "127.0.0.1", addresses.port + 1)
        await serve(starting, create_cometchat(), "127.0.0.1", addresses.port + 2)

    async def _open(self, starting: contextlib.AsyncExitStack, stack: Stack) -> None:
        """Open the gateway in front of a stack that is deployed."""
        deployed = await asyncio.to_thread(stack.template)
        functions = await asyncio.to_thread(DeployedFunctions, stack)
        gateway = Gateway(functions, deployed.routes(), deployed.cors())
        await serve(starting, gateway.app(), "127.0.0.1", self.addresses.port, also="::1")


class EmptyAccount(DeployedRun):
    """An account with nothing in it, and the vendors: somebody else deploys, by hand or by test.

    The gateway opens when the stack is there.
    """

    async def _start(self, starting: contextlib.AsyncExitStack) -> None:
        await self._surround(starting)
        task = asyncio.create_task(self._wait())

        async def end() -> None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        starting.push_async_callback(end)

    async def _wait(self) -> None:
        stack = Stack(self.addresses, self.folder / "deploy")
        while not await asyncio.to_thread(stack.is_complete):  # noqa: ASYNC110 - nobody tells us
            await asyncio.sleep(_GLANCE_SECONDS)
        async with contextlib.AsyncExitStack() as own:
            await self._open(own, stack)
            await asyncio.Event().wait()  # until this is cancelled


def put_secrets(stack: Stack) -> None:
    """Put the secrets where the template wants them before it is deployed, as a deployer does."""
    ssm = stack.client("ssm")
    values = (facts.GOOGLE_CLIENT_SECRET, fresh_secret(), fresh_secret())
    for name, value in zip(_SECRETS, values, strict=True):
        ssm.put_parameter(Name=f"{stack.prefix}/{name}", Value=value, Type="SecureString")


def write_variant(stack: Stack) -> Path:
    """Package the functions, and write the template that is deployed; give its path."""
    runtime = execution.as_lambda(stack.folder)
    variables = {**stack.addresses.vendors({}), "AWS_ENDPOINT_URL": stack.addresses.aws}
    variant = Variant(
        folder=stack.folder,
        built=artifact.FOLDER / "build",
        runtime=runtime,
        variables=variables,
        base_url=stack.addresses.extension,
    )
    template = Template.read(facts.TEMPLATE, {"GoogleClientId": facts.GOOGLE_CLIENT_ID})
    template.values |= {"Table": "named later", "Key.Arn": "named later"}
    return variant.write(template.functions())


def _sdk(stack: Stack) -> dict[str, str]:
    return Aws(stack.addresses, amazon=False, folder=stack.folder).variables
