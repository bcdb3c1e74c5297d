"""Parameters of a pool that have no effect yet are refused by name, unless they say what holds anyway. Pure."""

from collections.abc import Iterable

from services.userpool.errors import InvalidParameter
from services.userpool.pools.settings import Request
from shared.aws.api import cognito_idp as api


def refuse_unserved(request: Request) -> None:
    """Raises InvalidParameter for the first parameter that would be stored and then not obeyed."""
    sign_in = request.policies.sign_in_policy if request.policies else None
    factors = sign_in.allowed_first_auth_factors if sign_in else None
    add_ons, key, issuer = request.user_pool_add_ons, request.key_configuration, request.issuer_configuration
    dcr = request.dcr_configuration
    refuse_set(
        (
            ("LambdaConfig", request.lambda_config not in {None, api.LambdaConfigType()}),
            ("MfaConfiguration", request.mfa_configuration not in {None, "OFF"}),
            ("DeviceConfiguration", request.device_configuration),
            ("SignInPolicy.AllowedFirstAuthFactors", factors not in (None, ["PASSWORD"])),
            ("UserPoolAddOns.AdvancedSecurityMode", add_ons and add_ons.advanced_security_mode != "OFF"),
            (
                "UserPoolAddOns.AdvancedSecurityAdditionalFlows",
                add_ons and add_ons.advanced_security_additional_flows,
            ),
            ("DcrConfiguration", dcr and dcr != api.DcrConfigurationType(enable_status="Disabled")),
            ("KeyConfiguration.KeyType", key and key.key_type == "CUSTOMER_MANAGED_KEY"),
            ("KeyConfiguration.KmsKeyArn", key and key.kms_key_arn),
            ("IssuerConfiguration.Type", issuer and issuer.type == "UPDATED"),
            ("AcrConfiguration", request.acr_configuration),
            *_message_parameters(request),
        ),
    )


def _message_parameters(request: Request) -> Iterable[tuple[str, object]]:
    """Messages go out as the installation's settings say.

    SMS parameters are kept, since phone pools must have them; the text of MFA's messages too: MFA is off, here and at AWS.
    """
    email = request.email_configuration or api.EmailConfigurationType()
    template = request.verification_message_template or api.VerificationMessageTemplateType()
    return (
        ("EmailConfiguration.EmailSendingAccount", email.email_sending_account == "DEVELOPER"),
        ("EmailConfiguration.SourceArn", email.source_arn),
        ("EmailConfiguration.From", email.from_),
        ("EmailConfiguration.ReplyToEmailAddress", email.reply_to_email_address),
        ("EmailConfiguration.ConfigurationSet", email.configuration_set),
        ("SmsConfiguration.EumsSms", request.sms_configuration and request.sms_configuration.eums_sms),
        ("VerificationMessageTemplate.DefaultEmailOption", template.default_email_option == "CONFIRM_WITH_LINK"),
        ("VerificationMessageTemplate.EmailMessageByLink", template.email_message_by_link),
        ("VerificationMessageTemplate.EmailSubjectByLink", template.email_subject_by_link),
    )


def refuse_set(parameters: Iterable[tuple[str, object]]) -> None:
    """Raises InvalidParameter for the first of (name, whether it was set)."""
    for name, given in parameters:
        if given:
            raise InvalidParameter(f"{name} is not supported yet.")
