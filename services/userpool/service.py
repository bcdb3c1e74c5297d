"""The operation table of cognito-idp. Rooms register their operations here; `app.py` loads the rooms."""

from typing import Final

from services.userpool.context import Context
from services.userpool.refused import refused
from shared.aws.api import cognito_idp as api
from shared.aws.operation import OperationTable

cognito_idp: Final[OperationTable[Context]] = OperationTable(api, refused())
