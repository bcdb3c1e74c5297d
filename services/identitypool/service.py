"""The operation tables of cognito-identity, sts and iam. Rooms register their operations here; `app.py` loads the rooms."""

from typing import Final

from services.identitypool import refused_cognito_identity, refused_iam, refused_sts
from services.identitypool.context import Context
from shared.aws.api import cognito_identity as identity_api
from shared.aws.api import iam as iam_api
from shared.aws.api import sts as sts_api
from shared.aws.operation import OperationTable

cognito_identity: Final[OperationTable[Context]] = OperationTable(identity_api, refused_cognito_identity.refused())
sts: Final[OperationTable[Context]] = OperationTable(sts_api, refused_sts.refused())
iam: Final[OperationTable[Context]] = OperationTable(iam_api, refused_iam.refused())
