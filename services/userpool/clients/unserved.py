"""Parameters of an app client that have no effect yet are refused by name. Pure."""

from typing import Final

from services.userpool.clients.settings import Request
from services.userpool.errors import InvalidParameter
from services.userpool.pools.unserved import refuse_set

_UNSERVED_FLOWS: Final = (
    "ALLOW_USER_AUTH",
    "ALLOW_TOKEN_EXCHANGE_DELEGATION",
    "ALLOW_TOKEN_EXCHANGE_IMPERSONATION",
)


def refuse_unserved(request: Request) -> None:
    """Raises InvalidParameter for the first parameter that would be stored and then not obeyed.

    ALLOW_CUSTOM_AUTH is one of AWS's defaults and stays; the sign-in itself says that there is no such flow.
    """
    refuse_set(
        (
            ("CallbackURLs", request.callback_urls),
            ("LogoutURLs", request.logout_urls),
            ("DefaultRedirectURI", request.default_redirect_uri),
            ("AllowedOAuthFlows", request.allowed_o_auth_flows),
            ("AllowedOAuthScopes", request.allowed_o_auth_scopes),
            ("AllowedOAuthFlowsUserPoolClient", request.allowed_o_auth_flows_user_pool_client),
            ("AnalyticsConfiguration", request.analytics_configuration),
            ("EnablePropagateAdditionalUserContextData", request.enable_propagate_additional_user_context_data),
            *((f"ExplicitAuthFlows {flow}", flow in (request.explicit_auth_flows or ())) for flow in _UNSERVED_FLOWS),
        ),
    )
    for provider in request.supported_identity_providers or ():
        if provider != "COGNITO":
            raise InvalidParameter(
                f"The provider {provider} does not exist for User Pool {request.user_pool_id}.",
            )
