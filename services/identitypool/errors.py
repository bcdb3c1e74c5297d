"""Every refusal of the identity pool service, by AWS's word, and one table for each API that words them."""

from typing import Final

from shared.refusal import Refusal

AS_COGNITO_IDENTITY: Final[dict[type[Refusal], str]] = {}
AS_STS: Final[dict[type[Refusal], str]] = {}
AS_IAM: Final[dict[type[Refusal], str]] = {}
