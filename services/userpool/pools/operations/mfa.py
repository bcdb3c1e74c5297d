"""The pool's MFA configuration, which is OFF until MFA is served."""

from services.userpool.context import Call
from services.userpool.pools import store
from services.userpool.pools.resource import of_pool
from services.userpool.pools.unserved import refuse_set
from services.userpool.service import cognito_idp
from shared.aws.api import cognito_idp as api


@cognito_idp.operation(resource=of_pool, in_place=True)
def get_user_pool_mfa_config(call: Call, request: api.GetUserPoolMfaConfigRequest) -> api.GetUserPoolMfaConfigResponse:
    """The configuration: OFF."""
    with call.context.sql.read() as tx:
        store.pool_of_account(tx, call.caller.account, request.user_pool_id)
    return api.GetUserPoolMfaConfigResponse(mfa_configuration="OFF")


@cognito_idp.operation(resource=of_pool)
def set_user_pool_mfa_config(call: Call, request: api.SetUserPoolMfaConfigRequest) -> api.SetUserPoolMfaConfigResponse:
    """Takes OFF; whatever would switch a second factor or passkeys on is refused by name."""
    software = request.software_token_mfa_configuration
    refuse_set(
        (
            ("MfaConfiguration", request.mfa_configuration not in {None, "OFF"}),
            ("SmsMfaConfiguration", request.sms_mfa_configuration),
            ("SoftwareTokenMfaConfiguration", software and software.enabled),
            ("EmailMfaConfiguration", request.email_mfa_configuration),
            ("WebAuthnConfiguration", request.web_authn_configuration),
        ),
    )
    with call.context.sql.read() as tx:
        store.pool_of_account(tx, call.caller.account, request.user_pool_id)
    return api.SetUserPoolMfaConfigResponse(mfa_configuration="OFF")
