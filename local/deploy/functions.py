"""The deployed functions, called by Lambda's Invoke: what the gateway has behind it here."""

import asyncio
from dataclasses import replace
from typing import Any

from local.deploy.stack import Stack
from local.lambda_service import Result, payload_of, pick, require_size
from local.template import Function

#: `AutoPublishAlias` of the template.
_ALIAS = "live"


class DeployedFunctions:
    """Functions of a stack, by the alias by which the API calls them too.

    Args:
        stack: Is deployed.
    """

    def __init__(self, stack: Stack) -> None:
        names = stack.physical()
        self._functions = [
            replace(function, deployed_name=names[function.logical_id])
            for function in stack.template().functions()
        ]
        self._client = stack.client("lambda")

    def find(self, name: str) -> Function:
        """Find a function by its folder, logical id, deployed name or ARN.

        Raises:
            UnknownFunction: There is none.
        """
        return pick(self._functions, name)

    def variables_of(self, function: Function) -> dict[str, str]:
        """Say the environment of a function, as it is deployed."""
        known = self._client.get_function_configuration(
            FunctionName=function.deployed_name, Qualifier=_ALIAS
        )
        found: dict[str, str] = known["Environment"]["Variables"]
        return found

    async def invoke(self, name: str, event: Any) -> Result:
        """Run a function with an event and wait for what it gives.

        Raises:
            UnknownFunction: There is no such function.
            PayloadTooLarge: The event is larger than Lambda accepts.
        """
        return await self.invoke_bytes(name, payload_of(event))

    async def invoke_bytes(self, name: str, payload: bytes) -> Result:
        """Run a function with an event that is JSON already; otherwise as `invoke`."""
        function = self.find(name)
        require_size(payload)
        return await asyncio.to_thread(self._invoke, function, payload)

    def _invoke(self, function: Function, payload: bytes) -> Result:
        answer = self._client.invoke(
            FunctionName=function.deployed_name, Qualifier=_ALIAS, Payload=payload
        )
        return Result(
            payload=answer["Payload"].read(),
            function_error=answer.get("FunctionError"),
            request_id=answer["ResponseMetadata"]["RequestId"],
        )
