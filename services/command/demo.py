"""`poolkeeper serve --demo`: the demo's pools and bucket, made through the same doors that customers use."""

from rich.console import Console

from services.command.env import variables
from services.demo.seed import seed
from shared.settings import Settings


def prepare(settings: Settings) -> None:
    """Makes what the demo needs, where it is missing, and says where to look."""
    seed(settings, variables(settings, root=False) | _addresses_here(settings))
    say = Console(highlight=False, soft_wrap=True).print
    say("\n[bold]Poolkeeper is up.[/bold] Ctrl-C ends it.\n")
    page = settings.demo_url or f"http://localhost:{settings.demo_port}"
    say(f"  The three steps in a browser   [bold]{page}/[/bold]")
    say("  The same story in a terminal   [bold].venv/bin/poolkeeper tour[/bold]")
    say(
        '  Your own AWS clients           [bold]eval "$(.venv/bin/poolkeeper env)"[/bold], then `aws sts get-caller-identity`\n'
    )
    say(f"  user pools (cognito-idp, OpenID Connect)        {settings.userpool_base}")
    say(f"  identity pools, STS, IAM                        {settings.identitypool_base}")
    say(f"  a protected store (S3-shaped)                   {settings.demo_base}")
    say(f"  messages to users                               {settings.outbox_folder}\n")


def _addresses_here(settings: Settings) -> dict[str, str]:
    """The services on this machine: their public addresses may lead through a proxy that is not up yet."""
    identitypool = settings.at(settings.identitypool_port)
    return {
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": settings.at(settings.userpool_port),
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY": identitypool,
        "AWS_ENDPOINT_URL_IAM": identitypool,
        "AWS_ENDPOINT_URL_S3": settings.at(settings.demo_port),
    }
