"""App clients as AWS gives them. Pure."""

from services.userpool.clients.client import AppClient
from shared.aws.api import cognito_idp as api


def shown(client: AppClient) -> api.UserPoolClientType:
    """The client with all its settings, its secret among them."""
    settings = client.settings
    return api.UserPoolClientType(
        user_pool_id=client.pool_id,
        client_name=client.name,
        client_id=client.id,
        client_secret=client.secrets[0] if client.secrets else None,
        last_modified_date=client.modified_at.timestamp(),
        creation_date=client.created_at.timestamp(),
        refresh_token_validity=settings.refresh_token_validity,
        access_token_validity=settings.access_token_validity,
        id_token_validity=settings.id_token_validity,
        token_validity_units=settings.token_validity_units or api.TokenValidityUnitsType(),
        read_attributes=settings.read_attributes,
        write_attributes=settings.write_attributes,
        explicit_auth_flows=settings.explicit_auth_flows or None,
        supported_identity_providers=settings.supported_identity_providers,
        allowed_o_auth_flows_user_pool_client=False,
        prevent_user_existence_errors=settings.prevent_user_existence_errors,
        enable_token_revocation=settings.enable_token_revocation,
        enable_propagate_additional_user_context_data=False,
        auth_session_validity=settings.auth_session_validity,
        refresh_token_rotation=settings.refresh_token_rotation,
    )


def shown_in_list(client: AppClient) -> api.UserPoolClientDescription:
    """The client as ListUserPoolClients gives it."""
    return api.UserPoolClientDescription(client_id=client.id, user_pool_id=client.pool_id, client_name=client.name)
